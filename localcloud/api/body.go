package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"net/http"
	"strings"
)

// keptBody bounds what the journal keeps of a request's body, in bytes. What is
// longer is kept by length and digest.
const keptBody = 16 << 10

// bodyRecorder notes a request's body while an operation reads it.
type bodyRecorder struct {
	io.ReadCloser
	head   bytes.Buffer
	length int64
	digest hash.Hash
}

// recordBody puts a recorder before the request's body; nil without a body.
func recordBody(r *http.Request) *bodyRecorder {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	recorder := &bodyRecorder{ReadCloser: r.Body, digest: sha256.New()}
	r.Body = recorder
	return recorder
}

// Read reads the body.
func (b *bodyRecorder) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.length += int64(n)
		b.digest.Write(p[:n])
		b.head.Write(p[:min(n, keptBody+1-min(b.head.Len(), keptBody+1))])
	}
	return n, err
}

// opaqueBody stands for a body that the journal does not keep.
type opaqueBody struct {
	Length int64  `json:"$length"`
	SHA256 string `json:"$sha256"`
}

// entry is the body as the journal keeps it: the JSON of OCI's own operations,
// with sorted keys and without secrets; of everything else length and digest.
func (b *bodyRecorder) entry(r *http.Request) json.RawMessage {
	if b == nil || b.length == 0 {
		return nil
	}
	// Streams and what services without OCI's signature take, such as documents and
	// images, belong to those who use them.
	if !isStream(r) && signedByOCI(r) && b.length <= keptBody {
		decoder := json.NewDecoder(bytes.NewReader(b.head.Bytes()))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err == nil && !decoder.More() {
			return encodeBody(withoutSecrets(value, false))
		}
	}
	return encodeBody(opaqueBody{b.length, hex.EncodeToString(b.digest.Sum(nil))})
}

func signedByOCI(r *http.Request) bool {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Signature")
}

// encodeBody encodes what was decoded from JSON; maps are encoded in the order of
// their keys.
func encodeBody(value any) json.RawMessage {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil // Only values that JSON cannot express fail; none was decoded from it.
	}
	return bytes.TrimSpace(buffer.Bytes())
}

// createdID is the OCID of what a POST made, empty if its answer has none.
func createdID(r *http.Request, response *Response) string {
	if r.Method != http.MethodPost || response == nil || response.JSON == nil {
		return ""
	}
	raw, err := json.Marshal(response.JSON)
	if err != nil {
		return "" // Writing the answer fails in the same way, and says so.
	}
	var made struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(raw, &made) != nil || !strings.HasPrefix(made.ID, "ocid1.") {
		return ""
	}
	return made.ID
}
