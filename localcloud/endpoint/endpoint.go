// Package endpoint tells clients how to reach a running local cloud: the file
// that the cloud writes, and the environment that points any OCI client at it.
package endpoint

import (
	"bytes"
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const fileName = "endpoint.json"

// Endpoint is where a local cloud listens and who its administrator is.
type Endpoint struct {
	// ProxyURL is the cloud's HTTPS proxy, for HTTPS_PROXY.
	ProxyURL string `json:"proxyUrl"`
	// CertFile is the certificate of its authority, for SSL_CERT_FILE.
	CertFile    string `json:"certFile"`
	TenancyID   string `json:"tenancyId"`
	UserID      string `json:"userId"`
	Fingerprint string `json:"fingerprint"`
	KeyFile     string `json:"keyFile"`
	// ConfigFile is a configuration for OCI's SDKs and command-line interface.
	ConfigFile string `json:"configFile"`
	Region     string `json:"region"`
	PID        int    `json:"pid"`
	// ControlToken lets Control in; the file that holds it is for its owner only.
	ControlToken string `json:"controlToken,omitempty"`
}

// ErrNotRunning is returned by Find when no local cloud answers.
var ErrNotRunning = errors.New("the local cloud is not running")

// Write stores the endpoint in a state folder.
func (e Endpoint) Write(dir string) error {
	raw, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("encode endpoint: %w", err)
	}
	// A reader must never see half a file.
	temporary := filepath.Join(dir, fileName+".new")
	if err := os.WriteFile(temporary, raw, 0o600); err != nil {
		return fmt.Errorf("write endpoint: %w", err)
	}
	if err := os.Rename(temporary, filepath.Join(dir, fileName)); err != nil {
		return fmt.Errorf("write endpoint: %w", err)
	}
	return nil
}

// Remove forgets the endpoint of a state folder.
func Remove(dir string) error {
	if err := os.Remove(filepath.Join(dir, fileName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove endpoint: %w", err)
	}
	return nil
}

// Read returns the endpoint written in a state folder, whether or not the cloud
// still runs.
func Read(dir string) (Endpoint, error) {
	var e Endpoint
	raw, err := os.ReadFile(filepath.Join(dir, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return e, ErrNotRunning
	}
	if err != nil {
		return e, fmt.Errorf("read endpoint: %w", err)
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, fmt.Errorf("read endpoint: %w", err)
	}
	return e, nil
}

// Find returns the endpoint of the local cloud that runs on a state folder, or
// ErrNotRunning.
func Find(ctx context.Context, dir string) (Endpoint, error) {
	e, err := Read(dir)
	if err != nil {
		return e, err
	}
	limited, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var status struct {
		PID int `json:"pid"`
	}
	if err := e.Control(limited, http.MethodGet, "/status", &status); err != nil || status.PID != e.PID {
		// Who gives up asking does not know that nobody answers.
		return e, cmp.Or(ctx.Err(), ErrNotRunning)
	}
	return e, nil
}

// Controls reports whether a request to the control API carries the endpoint's
// token.
func (e Endpoint) Controls(r *http.Request) bool {
	return subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(e.authorization())) == 1
}

func (e Endpoint) authorization() string { return "Bearer " + e.ControlToken }

// direct never asks a proxy: the control API is the cloud's own address.
var direct = &http.Client{Transport: &http.Transport{}}

// Control calls the cloud's control API and decodes the answer, unless nil.
func (e Endpoint) Control(ctx context.Context, method, path string, answer any) error {
	return e.Send(ctx, method, path, nil, answer)
}

// Send is Control with a body.
func (e Endpoint) Send(ctx context.Context, method, path string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, e.ProxyURL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", e.authorization())
	response, err := direct.Do(request)
	if err != nil {
		return fmt.Errorf("local cloud: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		reason, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10)) // For the message only.
		return fmt.Errorf("local cloud: %s %s answered %s: %s", method, path, response.Status, bytes.TrimSpace(reason))
	}
	if answer == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return fmt.Errorf("local cloud: %s %s: %w", method, path, err)
	}
	return nil
}

// loopback is what is not asked of the proxy.
const loopback = "localhost,127.0.0.1"

// Environment is what points OCI clients at the local cloud: the proxy, the
// authority, and the administrator's credentials as OCI's SDKs, its command-line
// interface, Terraform and the Pulumi provider read them.
func (e Endpoint) Environment() map[string]string {
	return map[string]string{
		// Programs differ in which spelling they prefer, and an exception that the
		// machine has for oraclecloud.com would lead to the real cloud.
		"HTTPS_PROXY":             e.ProxyURL,
		"https_proxy":             e.ProxyURL,
		"NO_PROXY":                loopback,
		"no_proxy":                loopback,
		"SSL_CERT_FILE":           e.CertFile,
		"REQUESTS_CA_BUNDLE":      e.CertFile, // OCI's command-line interface
		"GIT_SSL_CAINFO":          e.CertFile, // DevOps code repositories
		"AWS_CA_BUNDLE":           e.CertFile, // S3's clients
		"OCI_CLI_CONFIG_FILE":     e.ConfigFile,
		"OCI_CONFIG_FILE":         e.ConfigFile,
		"TF_VAR_tenancy_ocid":     e.TenancyID,
		"TF_VAR_user_ocid":        e.UserID,
		"TF_VAR_fingerprint":      e.Fingerprint,
		"TF_VAR_private_key_path": e.KeyFile,
		"TF_VAR_region":           e.Region,
	}
}
