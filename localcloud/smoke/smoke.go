// Package smoke tests a deployed pipeline through its URL, as a person would: it
// uploads a picture and waits for its analysis.
package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"oci-media-pipelines/internal/analysis"
)

// interval is how often the results are looked at.
const interval = 100 * time.Millisecond

// deleteTimeout is how long removing the picture may take.
const deleteTimeout = 10 * time.Second

// client asks no proxy: the load balancer is on this machine.
var client = &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}

// Test uploads a picture to the app, waits until ctx for its analysis, checks
// that it succeeded, and deletes the picture, whatever came out.
func Test(ctx context.Context, applicationURL string) (err error) {
	applicationURL = strings.TrimRight(applicationURL, "/")
	if err := expect(ctx, http.MethodGet, applicationURL+"/health", nil, ""); err != nil {
		return err
	}
	name := fmt.Sprintf("smoke-%d.png", time.Now().UnixNano())
	body, contentType, err := form(name)
	if err != nil {
		return err
	}
	if err := expect(ctx, http.MethodPost, applicationURL+"/upload", body, contentType); err != nil {
		return err
	}
	defer func() {
		// Also when time is up: no test leaves its picture behind.
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), deleteTimeout)
		defer cancel()
		err = errors.Join(err, expect(limited, http.MethodDelete, applicationURL+"/delete_file/"+url.PathEscape(name), nil, ""))
	}()
	document, err := await(ctx, applicationURL, name)
	if err != nil {
		return err
	}
	if document.Status != analysis.Succeeded {
		return fmt.Errorf("the analysis of %s is %s: %s", name, document.Status, document.Error)
	}
	return nil
}

// expect sends a request and fails unless it is answered with success.
func expect(ctx context.Context, method, target string, body io.Reader, contentType string) error {
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("smoke test: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10)) // For the message only.
		return fmt.Errorf("smoke test: %s %s answered %s: %s", method, target, response.Status, text)
	}
	return nil
}

// form makes a multipart form with a picture of a red disk.
func form(name string) (io.Reader, string, error) {
	picture := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			c := color.RGBA{235, 235, 240, 255}
			if dx, dy := x-160, y-120; dx*dx+dy*dy < 70*70 {
				c = color.RGBA{200, 30, 30, 255}
			}
			picture.Set(x, y, c)
		}
	}
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	part, err := writer.CreateFormFile("file", name)
	if err != nil {
		return nil, "", err
	}
	if err := png.Encode(part, picture); err != nil {
		return nil, "", fmt.Errorf("encode picture: %w", err)
	}
	return &body, writer.FormDataContentType(), writer.Close()
}

// await polls the results for the picture's document.
func await(ctx context.Context, applicationURL, name string) (analysis.Document, error) {
	for {
		documents, err := results(ctx, applicationURL)
		if err != nil {
			return analysis.Document{}, err
		}
		for _, d := range documents {
			if d.ImageName == name {
				return d, nil
			}
		}
		select {
		case <-ctx.Done():
			return analysis.Document{}, fmt.Errorf("smoke test: no analysis of %s: %w", name, ctx.Err())
		case <-time.After(interval):
		}
	}
}

func results(ctx context.Context, applicationURL string) ([]analysis.Document, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, applicationURL+"/api/results", nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("smoke test: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusServiceUnavailable {
		return nil, nil // The app waits for its database.
	}
	var documents []analysis.Document
	if err := json.NewDecoder(response.Body).Decode(&documents); err != nil {
		return nil, fmt.Errorf("smoke test: results (%s): %w", response.Status, err)
	}
	return documents, nil
}
