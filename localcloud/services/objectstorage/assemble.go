package objectstorage

import (
	"cmp"
	"crypto/md5" // #nosec: OCI's content digests are MD5.
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"

	sdk "github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

func (s *Service) commitUpload(c *api.Call) (*api.Response, error) {
	b, u, err := s.upload(c)
	if err != nil {
		return nil, err
	}
	var d sdk.CommitMultipartUploadDetails
	if err := c.Decode(&d); err != nil {
		return nil, err
	}
	if len(d.PartsToCommit) == 0 {
		return nil, api.MissingParameter("partsToCommit must name at least one part.")
	}
	slices.SortFunc(d.PartsToCommit, func(a, b sdk.CommitMultipartUploadPartDetails) int { return cmp.Compare(number(a), number(b)) })
	o, err := s.assemble(c, b, u, d.PartsToCommit)
	if err != nil {
		return nil, err
	}
	return stored(o).With("opc-multipart-md5", o.PartsMD5), nil
}

// assemble makes an upload's object of some of its parts, in their order.
func (s *Service) assemble(c *api.Call, b kind.Object, u upload, parts []sdk.CommitMultipartUploadPartDetails) (object, error) {
	none := object{}
	if err := s.usable(b); err != nil {
		return none, err
	}
	readers, digests := make([]io.Reader, 0, len(parts)), md5.New() // #nosec
	last := 0
	for _, want := range parts {
		if number(want) <= last || want.Etag == nil {
			return none, api.NewError(http.StatusBadRequest, "InvalidUploadPart", "partsToCommit must hold each part's number once, with its etag.")
		}
		last = number(want)
		have, known := u.Parts[last]
		if !known || have.ETag != *want.Etag {
			return none, api.NewError(http.StatusBadRequest, "InvalidUploadPart", "Part %d with etag %s was not uploaded.", last, *want.Etag)
		}
		file, err := s.blobs.open(have.Blob.ID)
		if err != nil {
			return none, fmt.Errorf("open part: %w", err)
		}
		defer file.Close()
		readers = append(readers, file)
		sum, err := base64.StdEncoding.DecodeString(have.Blob.MD5)
		if err != nil {
			return none, fmt.Errorf("digest of part %d: %w", last, err)
		}
		digests.Write(sum)
	}
	written, err := s.blobs.write(io.MultiReader(readers...))
	if err != nil {
		return none, err
	}
	digest := fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(digests.Sum(nil)), len(readers))
	var used upload
	o, err := s.commit(c, b, object{Name: u.Object, Blob: written, Headers: u.Headers, PartsMD5: digest}, func(tx *store.Tx) (err error) {
		used, err = takeUpload(tx, b, u.ID)
		return err
	})
	if err != nil {
		return none, err
	}
	if err := s.dropParts(used); err != nil {
		return none, err
	}
	return o, nil
}

// number is the number of a part to commit, 0 when it has none.
func number(p sdk.CommitMultipartUploadPartDetails) int {
	if p.PartNum == nil {
		return 0
	}
	return *p.PartNum
}
