package devops_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"oci-media-pipelines/localcloud/runtime/imagetest"
)

var program struct {
	once    sync.Once
	content []byte
}

// image is a function's image that answers "env WHAT" with what.
func image(t testing.TB, what string) v1.Image {
	t.Helper()
	program.once.Do(func() { program.content = imagetest.Program(t, "../functions/testdata/fn") })
	return imagetest.ProgramImage(t, program.content, "WHAT="+what)
}

// imageFile is the image as docker load takes it.
func imageFile(t testing.TB, what string) string {
	t.Helper()
	tag, err := name.NewTag("built:latest")
	must(t, err)
	var file bytes.Buffer
	must(t, tarball.Write(tag, image(t, what), &file))
	return file.String()
}

// upload pushes an image as the administrator, with its content for a tag.
func (p *plant) upload(what string) { p.uploadImage(what, image(p.t, what)) }

func (p *plant) uploadImage(tagged string, img v1.Image) {
	p.t.Helper()
	tag, err := name.NewTag(p.images + ":" + tagged)
	must(p.t, err)
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "https://"+tag.RegistryStr()+"/20180419/docker/token", nil)
	must(p.t, err)
	request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	management := p.management()
	must(p.t, management.Signer.Sign(request))
	response, err := p.http.Do(request)
	must(p.t, err)
	defer response.Body.Close()
	var answer struct{ Token string }
	must(p.t, json.NewDecoder(response.Body).Decode(&answer))
	must(p.t, remote.Write(tag, img, remote.WithContext(p.t.Context()), remote.WithTransport(p.http.Transport),
		remote.WithAuth(&authn.Basic{Username: "BEARER_TOKEN", Password: answer.Token})))
}
