package api

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/iam"
)

// ClockSkew is how far a request's date may be from now (documentation: Request
// Signatures).
const ClockSkew = 5 * time.Minute

// Keys finds the public key and the caller behind a signature's key id.
type Keys interface {
	Key(keyID string) (*rsa.PublicKey, iam.Principal, error)
}

// Signatures authenticates requests by OCI's HTTP signatures (draft-cavage-08,
// rsa-sha256; documentation: Request Signatures).
type Signatures struct{ Keys Keys }

var signatureParameter = regexp.MustCompile(`([a-zA-Z]+)="([^"]*)"`)

// Authenticate verifies the signature and returns a call with its principal.
func (s Signatures) Authenticate(r *http.Request) (Call, error) {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Signature") {
		return Call{}, NotAuthenticated("The required information to complete authentication was not provided.")
	}
	parameters := map[string]string{}
	for _, m := range signatureParameter.FindAllStringSubmatch(rest, -1) {
		parameters[m[1]] = m[2]
	}
	// Without one the newest is meant, and there is but one.
	if version, given := parameters["version"]; given && version != "1" {
		return Call{}, NotAuthenticated("The signature's version must be 1, it is %q.", version)
	}
	if parameters["algorithm"] != "rsa-sha256" {
		return Call{}, NotAuthenticated("The signature's algorithm must be rsa-sha256, it is %q.", parameters["algorithm"])
	}
	headers := strings.Fields(strings.ToLower(parameters["headers"]))
	if err := checkSignedHeaders(r, headers); err != nil {
		return Call{}, err
	}
	if err := checkDate(r, headers); err != nil {
		return Call{}, err
	}
	signature, err := base64.StdEncoding.DecodeString(parameters["signature"])
	if err != nil {
		return Call{}, NotAuthenticated("The signature is not base64.")
	}
	key, principal, err := s.Keys.Key(parameters["keyId"])
	if err != nil {
		return Call{}, NotAuthenticated("The required information to complete authentication was not provided or was incorrect: %v.", err)
	}
	if from := SourceOf(r).Workload; principal.Type == iam.Resource && from != "" && from != principal.ID {
		return Call{}, NotAuthenticated("The session token is that of %s, and the request comes from %s.", principal.ID, from)
	}
	digest := sha256.Sum256([]byte(signingString(r, headers)))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) != nil {
		return Call{}, NotAuthenticated("Failed to verify the HTTP(S) Signature.")
	}
	if slices.Contains(headers, "x-content-sha256") {
		if err := checkBody(r); err != nil {
			return Call{}, err
		}
	}
	return Call{Principal: principal}, nil
}

func checkSignedHeaders(r *http.Request, headers []string) error {
	required := []string{"(request-target)", "host"}
	if !isStream(r) && slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, r.Method) {
		required = append(required, "x-content-sha256", "content-length", "content-type")
	}
	for _, name := range required {
		if !slices.Contains(headers, name) {
			return NotAuthenticated("The header %s must be signed.", name)
		}
	}
	if !slices.Contains(headers, "date") && !slices.Contains(headers, "x-date") {
		return NotAuthenticated("The header date or x-date must be signed.")
	}
	return nil
}

// checkDate looks at a date that is signed: anybody could change another.
func checkDate(r *http.Request, headers []string) error {
	name := "date"
	if slices.Contains(headers, "x-date") {
		name = "x-date"
	}
	value := r.Header.Get(name)
	date, err := http.ParseTime(value)
	if err != nil {
		return NotAuthenticated("The date %q is not an HTTP date.", value)
	}
	if skew := time.Since(date).Abs(); skew > ClockSkew {
		return NotAuthenticated("The date %q differs from the service's clock by more than %s.", value, ClockSkew)
	}
	return nil
}

func signingString(r *http.Request, headers []string) string {
	lines := make([]string, len(headers))
	for i, name := range headers {
		value := r.Header.Get(name)
		switch name {
		case "(request-target)":
			value = strings.ToLower(r.Method) + " " + TargetOf(r)
		case "host":
			value = r.Host
		case "content-length":
			// net/http takes this header out of the map.
			value = strconv.FormatInt(max(r.ContentLength, 0), 10)
		}
		lines[i] = name + ": " + value
	}
	return strings.Join(lines, "\n")
}

func checkBody(r *http.Request) error {
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, MaxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return NewError(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request body is larger than %d bytes.", MaxBody)
	}
	if err != nil {
		return CannotParseRequest("The request body could not be read: %v.", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	sum := sha256.Sum256(raw)
	if base64.StdEncoding.EncodeToString(sum[:]) != r.Header.Get("x-content-sha256") {
		return NotAuthenticated("The header x-content-sha256 does not match the body.")
	}
	return nil
}
