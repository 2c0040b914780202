// Four interpreters that are not SQL, each attacked and defended.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	name    = "ada; echo INJECTED"
	body    = `{"name": "ada", "key": {"$ne": ""}}`
	user    = "ada\r\nINFO sign-in ok user=root"
	timeout = 5 * time.Second
)

var users = []map[string]string{
	{"name": "ada", "key": "sample-key-1"},
	{"name": "bob", "key": "sample-key-2"},
}

// BadRequest becomes 400.
type BadRequest string

func (e BadRequest) Error() string { return string(e) }

// --8<-- [start:show]
func reportByShell(ctx context.Context, name string) (string, error) {
	return run(ctx, "sh", "-c", "echo report for "+name) // what not to write
}

func report(ctx context.Context, name string) (string, error) {
	return run(ctx, "echo", "report for", name) // no shell: nothing reads it as code
}

func signInWithAnyObject(body string) (string, error) {
	var got map[string]any // what not to write
	err := json.Unmarshal([]byte(body), &got)
	return find(got), err
}

func signIn(body string) (string, error) {
	var got struct{ Name, Key string }
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal([]byte(body), &got); errors.As(err, &wrong) {
		return "", BadRequest(strings.ToLower(wrong.Field) + " is not a text")
	} else if err != nil {
		return "", err
	}
	return find(map[string]any{"name": got.Name, "key": got.Key}), nil
}

func logLinePasted(user string) string {
	return "WARN sign-in failed user=" + user // what not to write
}

func logLine(user string) (string, error) {
	event := map[string]string{"level": "WARN", "event": "sign-in failed", "user": user}
	line, err := json.Marshal(event)
	return string(line), err
}

func readPasted(folder, name string) (string, error) {
	text, err := url.PathUnescape(name)
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(folder + "/" + text) // what not to write
	return string(content), err
}

func read(folder, name string) (string, error) {
	text, err := url.PathUnescape(name) // once, as the framework does
	if err != nil || strings.ContainsAny(text, "\\\x00") {
		return "", BadRequest("refused") // a separator on Windows; the end in C
	}
	file, err := os.OpenInRoot(folder, text) // neither ".." nor a link leads out
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(file)
	return string(content), errors.Join(err, file.Close())
}

// --8<-- [end:show]

func run(ctx context.Context, command string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, command, args...).Output()
	return strings.ReplaceAll(strings.TrimSpace(string(out)), "\n", " | "), err
}

// find is a document store in small: an object as a value is an operator.
func find(query map[string]any) string {
	for _, user := range users {
		all := true
		for field, wanted := range query {
			if operator, ok := wanted.(map[string]any); ok {
				all = all && any(user[field]) != operator["$ne"]
			} else {
				all = all && any(user[field]) == wanted
			}
		}
		if all {
			return "signed in as " + user["name"]
		}
	}
	return "nobody"
}

func outcome(text string, err error) string {
	var bad BadRequest
	switch {
	case errors.As(err, &bad):
		return bad.Error()
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	case err != nil:
		return "refused"
	}
	return text
}

func countLines(text string) (count int) {
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		count++
	}
	return count
}

func row(label, text string) { fmt.Printf("  %-22s%s\n", label, text) }

func paths(place string) error {
	folder := filepath.Join(place, "uploads")
	secret := filepath.Join(place, "secret.txt")
	june := filepath.Join(folder, "2026", "june.txt")
	if err := errors.Join(
		os.MkdirAll(filepath.Dir(june), 0o700),
		os.WriteFile(june, []byte("June"), 0o600),
		os.WriteFile(secret, []byte("SECRET"), 0o600),
		os.Symlink(place, filepath.Join(folder, "link")),
	); err != nil {
		return err
	}
	fmt.Printf("%-24s%-16scontained\n", "file name", "pasted")
	for _, scene := range [][2]string{
		{"2026/june.txt", "2026/june.txt"},
		{"../secret.txt", "../secret.txt"},
		{"2026/../../secret.txt", "2026/../../secret.txt"},
		{"%2e%2e%2fsecret.txt", "%2e%2e%2fsecret.txt"},
		{"%252e%252e%252f...", "%252e%252e%252fsecret.txt"},
		{"an absolute path", secret},
		{"link/secret.txt", "link/secret.txt"},
		{`..\secret.txt`, `..\secret.txt`},
	} {
		pasted := outcome(readPasted(folder, scene[1]))
		contained := outcome(read(folder, scene[1]))
		row(scene[0], fmt.Sprintf("%-16s%s", pasted, contained))
	}
	return nil
}

func play(ctx context.Context) (err error) {
	fmt.Println("shell, name:", name)
	row("text to a shell", outcome(reportByShell(ctx, name)))
	row("list of arguments", outcome(report(ctx, name)))
	fmt.Println("filter, body:", body)
	row("passed on", outcome(signInWithAnyObject(body)))
	row("texts only", outcome(signIn(body)))
	quoted, err := json.Marshal(user)
	line, failed := logLine(user)
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	fmt.Printf("log, user: %s\n", quoted)
	row("pasted", fmt.Sprintf("%d lines", countLines(logLinePasted(user))))
	row("encoded", fmt.Sprintf("%d line", countLines(line)))
	place, err := os.MkdirTemp("", "data-as-code-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(place)) }()
	return paths(place)
}

func main() {
	if err := play(context.Background()); err != nil {
		log.Fatal(err)
	}
}
