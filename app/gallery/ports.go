package gallery

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/transcoding"
)

// Errors that implementations of the interfaces below report, possibly wrapped.
var (
	// ErrNotFound: the object or document does not exist. Object Storage says
	// the same when permission is missing (404 NotAuthorizedOrNotFound).
	ErrNotFound = errors.New("not found")
	// ErrNameTaken: every name offered to Put belongs to another object.
	ErrNameTaken = errors.New("every offered name is taken")
	// ErrOvertaken: another upload of the same name was complete first.
	ErrOvertaken = errors.New("the name was taken meanwhile")
	// ErrNotModified: the object still has the ETag that the caller knows.
	ErrNotModified = errors.New("not modified")
	// ErrRange: the range asked for lies outside the object.
	ErrRange = errors.New("range not satisfiable")
	// ErrNotReady: the database cannot be reached yet; it is being waited for.
	ErrNotReady = errors.New("the database is not reachable yet")
)

// Object is an object of the bucket.
type Object struct {
	Name string
	// ETag is Object Storage's entity tag, without quotes.
	ETag string
	// Size is in bytes.
	Size int64
	// Created is when these bytes were stored: the later of creation and change.
	Created time.Time
}

// About returns the object itself, whatever it is embedded in.
func (o Object) About() Object { return o }

// Upload is a picture or video on its way into its bucket.
type Upload struct {
	// Names are the names to try, best first.
	Names iter.Seq[string]
	// ContentType is the sniffed media type.
	ContentType string
	// Body holds the bytes; an error from it other than io.EOF aborts the
	// upload and leaves no object behind.
	Body io.Reader
}

// GetOptions narrows a read.
type GetOptions struct {
	// IfNoneMatch is an unquoted ETag; with it, Get may answer ErrNotModified.
	IfNoneMatch string
	// Range is an HTTP Range header value, empty for the whole object.
	Range string
}

// Blob is an object being read. Body must be closed.
type Blob struct {
	Object
	ContentType string
	// Length counts the bytes of Body, which for a range are fewer than Size.
	Length int64
	// ContentRange is the HTTP Content-Range value; empty for a whole object.
	ContentRange string
	// CacheControl is the HTTP Cache-Control value that the object was stored with;
	// empty if it was stored without.
	CacheControl string
	Body         io.ReadCloser
}

// Storage is a bucket.
type Storage interface {
	// Put stores the upload under the first of its names that no object has,
	// atomically: never does it overwrite another object, whichever replica
	// wrote that. It gives ErrNameTaken when the names run out.
	Put(ctx context.Context, upload Upload) (Object, error)
	// List returns every object, in no particular order.
	List(ctx context.Context) ([]Object, error)
	// Head returns one object, or ErrNotFound.
	Head(ctx context.Context, name string) (Object, error)
	// Get opens one object; ErrNotFound, ErrNotModified, ErrRange.
	Get(ctx context.Context, name string, options GetOptions) (*Blob, error)
	// Delete removes one object, or gives ErrNotFound.
	Delete(ctx context.Context, name string) error
}

// Stored is a document together with the JSON it is stored as.
type Stored[T any] struct {
	Key      string
	Document T
	Raw      json.RawMessage
}

// Record is the analysis of a picture.
type Record = Stored[analysis.Document]

// JobRecord is the transcoding of a video.
type JobRecord = Stored[transcoding.Job]

// Collection is the documents about the objects of one bucket. Until the
// database was reachable for the first time every method with an error gives
// ErrNotReady.
type Collection[T any] interface {
	// Ready tells, without asking the database, whether it was reachable yet.
	Ready() bool
	// Key is the document key of the object's current version.
	Key(object Object) string
	// Get returns one document, or ErrNotFound.
	Get(ctx context.Context, key string) (Stored[T], error)
	// List returns every document, in no particular order.
	List(ctx context.Context) ([]Stored[T], error)
	// DeleteFor removes the documents of every version of the named object.
	DeleteFor(ctx context.Context, objectName string) error
}

// Documents is the collection of analyses.
type Documents = Collection[analysis.Document]

// Jobs is the collection of transcodings.
type Jobs = Collection[transcoding.Job]

// Streams is the bucket of what becomes of videos.
type Streams interface {
	// Under returns the names of all objects that begin with the prefix.
	Under(ctx context.Context, prefix string) ([]string, error)
	// Get opens one object, as Storage does.
	Get(ctx context.Context, name string, options GetOptions) (*Blob, error)
	// Delete removes one object, or gives ErrNotFound.
	Delete(ctx context.Context, name string) error
}

// Analyzer runs the analysis of one object, as the bucket's own event would.
type Analyzer interface {
	// Analyze returns when the function has finished; its error carries the
	// words of the function.
	Analyze(ctx context.Context, object Object) error
}

// Transcoder starts the transcoding of one object, as the bucket's own event
// would.
type Transcoder interface {
	// Transcode returns when the function has finished, which is well before the
	// job; its error carries the words of the function.
	Transcode(ctx context.Context, object Object) error
}

// Reason classifies a refusal.
type Reason int

// The reasons for which a user's request is refused.
const (
	Empty           Reason = iota + 1 // no bytes
	TooLarge                          // more than MaxUploadBytes
	NotAPicture                       // content is of no accepted type
	AlreadyAnalysed                   // nothing to retry, or being done
	NameTaken                         // somebody else got the name meanwhile
)

// Status is the HTTP status that goes with the reason.
func (r Reason) Status() int {
	switch r {
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case NotAPicture:
		return http.StatusUnsupportedMediaType
	case AlreadyAnalysed, NameTaken:
		return http.StatusConflict
	default:
		return http.StatusBadRequest
	}
}

// Refusal is an error whose words are meant for the user.
type Refusal struct {
	Reason Reason
	Words  string
}

// Error returns the words.
func (r *Refusal) Error() string { return r.Words }
