// Accept a file: stream, limit, look at the first bytes, hash, quarantine, promote.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
)

type RefusedError struct {
	Status int
	Reason string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("%d %s", e.Status, e.Reason) }

// --8<-- [start:show]

// types says what the first bytes must be, and the extension that we give.
var types = []struct{ mediaType, magic, extension string }{
	{"image/png", "\x89PNG\r\n\x1a\n", ".png"},
	{"image/jpeg", "\xff\xd8\xff", ".jpg"},
	{"application/pdf", "%PDF-", ".pdf"},
}

// Upload is the row in the database; the bytes are elsewhere, under the id.
type Upload struct {
	ID        string
	Label     string // the client's name, for display only
	MediaType string // detected, not declared
	extension string
	Size      int64
	SHA256    string
	State     string
}

func detect(head []byte) (mediaType, extension string, err error) {
	for _, t := range types {
		if bytes.HasPrefix(head, []byte(t.magic)) {
			return t.mediaType, t.extension, nil
		}
	}
	return "", "", &RefusedError{415, "not a PNG, JPEG or PDF"}
}

// receive writes the content to quarantine; it leaves nothing there on an error.
func receive(label string, content io.Reader, folder string, limit int64, newID string) (
	_ Upload, err error,
) {
	buffered := bufio.NewReader(content)
	head, err := buffered.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return Upload{}, err
	}
	mediaType, extension, err := detect(head)
	if err != nil {
		return Upload{}, err
	}
	file, err := os.OpenFile(filepath.Join(folder, "quarantine", newID),
		os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Upload{}, err
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	digest := sha256.New()
	size, err := io.Copy(io.MultiWriter(file, digest), io.LimitReader(buffered, limit+1))
	if err != nil {
		return Upload{}, err
	}
	if size > limit {
		return Upload{}, &RefusedError{413, fmt.Sprintf("more than %d bytes", limit)}
	}
	sum := hex.EncodeToString(digest.Sum(nil))
	return Upload{newID, label, mediaType, extension, size, sum, "quarantined"}, nil
}

// promote runs later, in a worker: it publishes what the scanner passes.
func promote(u Upload, folder string, isClean func(path string) (bool, error)) (Upload, error) {
	source := filepath.Join(folder, "quarantine", u.ID)
	clean, err := isClean(source)
	if err != nil {
		return u, err
	}
	if !clean {
		u.State = "rejected"
		return u, os.Remove(source)
	}
	u.State = "available"
	return u, os.Rename(source, filepath.Join(folder, "public", u.ID+u.extension))
}

// --8<-- [end:show]

const (
	limit    = 100_000
	boundary = "sample-boundary"
	png      = "\x89PNG\r\n\x1a\n"
)

// Request is a body that counts how much of it was asked for.
type Request struct {
	body io.Reader
	read int64
}

func (r *Request) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	r.read += int64(n)
	return n, err
}

type fillers struct{}

func (fillers) Read(p []byte) (int, error) {
	for at := range p {
		p[at] = 'x'
	}
	return len(p), nil
}

func newRequest(name, declared, head string, filler int64, whole bool) *Request {
	opening := fmt.Sprintf("--%s\r\nContent-Disposition: form-data; name=\"file\"; "+
		"filename=\"%s\"\r\nContent-Type: %s\r\n\r\n", boundary, name, declared)
	closing := ""
	if whole {
		closing = "\r\n--" + boundary + "--\r\n"
	}
	return &Request{body: io.MultiReader(strings.NewReader(opening+head),
		io.LimitReader(fillers{}, filler), strings.NewReader(closing))}
}

func isClean(path string) (bool, error) {
	content, err := os.ReadFile(path)
	return !bytes.Contains(content, []byte("SAMPLE-MALWARE")), err
}

func names(folder, area string) (string, error) {
	entries, err := os.ReadDir(filepath.Join(folder, area))
	if err != nil {
		return "", err
	}
	var found []string
	for _, entry := range entries {
		found = append(found, strings.TrimLeft(entry.Name(), "0"))
	}
	if len(found) == 0 {
		return "nothing", nil
	}
	return strings.Join(found, " "), nil
}

func show(folder string) error {
	quarantine, err := names(folder, "quarantine")
	if err != nil {
		return err
	}
	public, err := names(folder, "public")
	if err != nil {
		return err
	}
	fmt.Printf("quarantine: %s; public: %s\n", quarantine, public)
	return nil
}

func receiveParts(request io.Reader, folder, newID string) ([]Upload, error) {
	var uploads []Upload
	reader := multipart.NewReader(request, boundary)
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return uploads, nil
		}
		if err != nil {
			return uploads, err
		}
		// FileName drops the folders that the client wrote.
		upload, err := receive(part.FileName(), part, folder, limit, newID)
		if err != nil {
			return uploads, err
		}
		uploads = append(uploads, upload)
	}
}

func run() (err error) {
	folder, err := os.MkdirTemp("", "uploads")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	for _, area := range []string{"quarantine", "public"} {
		if err := os.Mkdir(filepath.Join(folder, area), 0o700); err != nil {
			return err
		}
	}
	var all []Upload
	for number, c := range []struct {
		name, declared, head string
		filler               int64
		whole                bool
	}{
		{"cat.png", "image/png", png, 20_000, true},
		{"../../etc/cron.d/job.jpg", "image/jpeg", "\xff\xd8\xff\xe0", 1_000, true},
		{"photo.jpg", "image/jpeg", png, 500, true},
		{"invoice.pdf", "application/pdf", "%PDF-1.7 SAMPLE-MALWARE", 100, true},
		{"cute.png", "image/png", "<?php echo 'hello';", 100, true},
		{"huge.png", "image/png", png, 50_000_000, true},
		{"cut.png", "image/png", png, 5_000, false},
	} {
		request := newRequest(c.name, c.declared, c.head, c.filler, c.whole)
		// In production: 16 bytes of crypto/rand, in hex.
		uploads, err := receiveParts(request, folder, fmt.Sprintf("%032x", number+1))
		for _, u := range uploads {
			fmt.Printf("%-25s201 as %s, %s, %d bytes, %s\n",
				c.name, u.Label, u.MediaType, u.Size, u.SHA256[:8])
		}
		all = append(all, uploads...)
		var refused *RefusedError
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			fmt.Printf("%-25s400 the body ends before its boundary\n", c.name)
		case errors.As(err, &refused):
			fmt.Printf("%-25s%v\n", c.name, refused)
		case err != nil:
			return err
		}
		if c.filler > limit {
			early := "no"
			if request.read*100 < c.filler {
				early = "yes"
			}
			fmt.Printf("%-25sread less than 1 %%: %s\n", "", early)
		}
	}
	if err := show(folder); err != nil {
		return err
	}
	for _, u := range all {
		promoted, err := promote(u, folder, isClean)
		if err != nil {
			return err
		}
		fmt.Printf("%-25s%s\n", promoted.Label, promoted.State)
	}
	return show(folder)
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
