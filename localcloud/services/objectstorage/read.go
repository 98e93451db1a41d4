package objectstorage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

func (s *Service) getObject(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	return s.get(c, b, c.Param("object"), c.Query("versionId"))
}

func (s *Service) get(c *api.Call, b kind.Object, name, version string) (*api.Response, error) {
	o, file, err := s.open(b, name, version)
	if err != nil {
		return nil, err
	}
	if err := preconditions(c, o.ETag); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	header := http.Header{}
	for name, value := range o.Headers {
		header.Set(name, value)
	}
	header.Set("ETag", o.ETag)
	header.Set("Last-Modified", o.Modified.Format(http.TimeFormat))
	header.Set("version-id", o.Version)
	header.Set("storage-tier", "Standard")
	if o.PartsMD5 != "" {
		header.Set("opc-multipart-md5", o.PartsMD5)
	} else {
		header.Set("Content-Md5", o.Blob.MD5)
	}
	if c.Method == http.MethodHead {
		header.Set("Content-Length", strconv.FormatInt(o.Blob.Size, 10))
		return &api.Response{Status: http.StatusOK, Header: header}, file.Close()
	}
	return &api.Response{Header: header, File: file}, nil
}

// open returns an object with its bytes. When an overwrite removes them between
// the two look-ups, the newer object is the answer.
func (s *Service) open(b kind.Object, name, version string) (o object, file *os.File, err error) {
	if err := s.usable(b); err != nil {
		return o, nil, err
	}
	for range 3 {
		err = s.store.View(func(tx *store.Tx) (err error) { o, err = find(tx, b, name, version); return err })
		if err == nil && o.DeleteMarker {
			err = notFound(b, name)
		}
		if err != nil {
			return o, nil, err
		}
		if file, err = s.blobs.open(o.Blob.ID); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return o, nil, fmt.Errorf("open object: %w", err)
	}
	return o, file, nil
}

// Get opens the current version of an object for another service, on behalf of
// a caller, who must be allowed to read it.
func (s *Service) Get(_ context.Context, who iam.Principal, region, namespace, bucket, name string) (io.ReadCloser, int64, error) {
	b, err := s.findBucket(region, namespace, bucket)
	if err != nil {
		return nil, 0, err
	}
	if err := s.guard.Authorize(who, s.api.Name, "GetObject", region, bucketTarget(b, name).Needs(objectRead)...); err != nil {
		return nil, 0, hidden(err, b)
	}
	o, file, err := s.open(b, name, "")
	if err != nil {
		return nil, 0, err
	}
	return file, o.Blob.Size, nil
}
