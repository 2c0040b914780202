// Inject scripts into a comment page: raw, escaped, encoded by context, with CSP.
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	htmltemplate "html/template"
	"io"
	"log"
	"regexp"
	"slices"
	"strings"
	texttemplate "text/template"
)

var (
	tagFormat       = regexp.MustCompile(`<([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>`)
	attributeFormat = regexp.MustCompile(`([^\s"'<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))`)
)

// Comment has a field for each context: tags, attribute, URL, JSON in a script.
type Comment struct{ Text, Author, Home, Mood string }

var harmless = Comment{"hello", "ada", "https://ada.test/", "fine"}

// newNonce gets crypto/rand.Reader in service.
func newNonce(random io.Reader) (string, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// --8<-- [start:show]

// layout is parsed twice: html/template knows the context of each action and
// encodes for it, refuses javascript: URLs, and writes Go values as JSON in
// scripts. text/template, with the same syntax, copies.
const layout = `<!doctype html>
<html lang="en"><title>Comments</title>
<p title="{{.Author}}">{{.Text}}</p>
<a href="{{.Home}}">Home</a>
<script nonce="{{.Nonce}}">const comment = {{.Data}};</script>
</html>`

var (
	contextual = htmltemplate.Must(htmltemplate.New("page").Parse(layout))
	copying    = texttemplate.Must(texttemplate.New("page").Parse(layout))
)

func render(comment Comment, nonce string) (string, error) {
	var out strings.Builder
	err := contextual.Execute(&out, map[string]any{
		"Text": comment.Text, "Author": comment.Author, "Home": comment.Home,
		"Data": map[string]string{"mood": comment.Mood}, "Nonce": nonce,
	})
	return out.String(), err
}

func pageHeaders(nonce string) map[string]string {
	return map[string]string{
		"Content-Type": "text/html; charset=utf-8",
		"Content-Security-Policy": "script-src 'nonce-" + nonce + "'; object-src 'none'; " +
			"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "strict-origin-when-cross-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Cache-Control":              "no-store", // a stored page would repeat its nonce
	}
}

// --8<-- [end:show]

func apiHeaders() map[string]string {
	return map[string]string{
		"Content-Type":                 "application/json",
		"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control":                "no-store",
	}
}

func renderRaw(comment Comment, nonce string) (string, error) {
	var data strings.Builder
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false) // encoding/json would write < as \u003c
	if err := encoder.Encode(map[string]string{"mood": comment.Mood}); err != nil {
		return "", err
	}
	var out strings.Builder
	err := copying.Execute(&out, map[string]string{
		"Text": comment.Text, "Author": comment.Author, "Home": comment.Home,
		"Data": strings.TrimSpace(data.String()), "Nonce": nonce,
	})
	return out.String(), err
}

// renderEscaped has one function for all contexts, the usual mistake.
func renderEscaped(comment Comment, nonce string) (string, error) {
	return renderRaw(Comment{
		html.EscapeString(comment.Text), html.EscapeString(comment.Author),
		html.EscapeString(comment.Home), html.EscapeString(comment.Mood),
	}, nonce)
}

// script is what a browser would run: an element, a handler or a javascript: URL.
type script struct {
	code, nonce string
	element     bool
}

// findScripts is enough of an HTML parser for this page.
func findScripts(document string) []script {
	found := []script{}
	for position := 0; ; {
		match := tagFormat.FindStringSubmatchIndex(document[position:])
		if match == nil {
			return found
		}
		name := strings.ToLower(document[position+match[2] : position+match[3]])
		attributes := attributeFormat.FindAllStringSubmatch(document[position+match[4]:position+match[5]], -1)
		position += match[1]
		nonce := ""
		for _, attribute := range attributes {
			key := strings.ToLower(attribute[1])
			value := html.UnescapeString(attribute[2] + attribute[3] + attribute[4])
			url := strings.TrimSpace(value)
			scheme := "javascript:"
			switch {
			case key == "nonce":
				nonce = value
			case strings.HasPrefix(key, "on"):
				found = append(found, script{code: value})
			case key == "href" && strings.HasPrefix(strings.ToLower(url), scheme):
				found = append(found, script{code: url[len(scheme):]})
			}
		}
		if name == "script" {
			end := strings.Index(strings.ToLower(document[position:]), "</script")
			if end < 0 {
				end = len(document) - position
			}
			found = append(found, script{document[position : position+end], nonce, true})
			position += end
		}
	}
}

// isAllowed is the browser's half: script-src for inline code, as in CSP Level 3.
func isAllowed(s script, policy string) bool {
	directives := map[string][]string{}
	for part := range strings.SplitSeq(policy, ";") {
		if words := strings.Fields(part); len(words) > 0 {
			directives[words[0]] = words[1:]
		}
	}
	allowed, ok := directives["script-src"]
	if !ok {
		allowed, ok = directives["default-src"]
	}
	if !ok {
		return true
	}
	isNonce := func(source string) bool { return strings.HasPrefix(source, "'nonce-") }
	if slices.ContainsFunc(allowed, isNonce) { // then 'unsafe-inline' is ignored
		return s.element && slices.Contains(allowed, "'nonce-"+s.nonce+"'")
	}
	return slices.Contains(allowed, "'unsafe-inline'")
}

func verdict(document, policy, code string) string {
	result := "inert"
	for _, s := range findScripts(document) {
		if !strings.HasPrefix(s.code, code) {
			continue
		}
		if isAllowed(s, policy) {
			return "runs"
		}
		result = "blocked"
	}
	return result
}

func isIntact(document, mood string) string {
	for _, s := range findScripts(document) {
		if s.nonce == "" {
			continue
		}
		var data struct{ Mood string }
		code := strings.TrimSuffix(strings.TrimPrefix(s.code, "const comment = "), ";")
		if err := json.Unmarshal([]byte(code), &data); err != nil || data.Mood != mood {
			return "damaged"
		}
		return "intact"
	}
	return "missing"
}

// counted gives repeatable bytes for a test.
type counted struct{ calls int }

func (c *counted) Read(p []byte) (int, error) {
	c.calls++
	sum := sha256.Sum256(fmt.Appendf(nil, "sample %d", c.calls))
	return copy(p, sum[:]), nil
}

func row(label string, cells ...string) {
	line := fmt.Sprintf("  %-32s", label)
	for _, cell := range cells {
		line += fmt.Sprintf("%-9s", cell)
	}
	fmt.Println(strings.TrimRight(line, " "))
}

type renderer func(Comment, string) (string, error)

func injections(random io.Reader) error {
	fmt.Println("payload in a comment              raw      escaped  context  raw+CSP")
	for _, attack := range []struct {
		label string
		field func(*Comment) *string
		value string
	}{
		{"text: <script>", func(c *Comment) *string { return &c.Text }, "<script>alert(1)</script>"},
		{`attribute: " onfocus=`, func(c *Comment) *string { return &c.Author }, `" tabindex=0 autofocus onfocus="alert(1)`},
		{"URL: javascript:", func(c *Comment) *string { return &c.Home }, "javascript:alert(1)"},
		{"JSON: </script><script>", func(c *Comment) *string { return &c.Mood }, "</script><script>alert(1)</script>"},
	} {
		comment := harmless
		*attack.field(&comment) = attack.value
		nonce, err := newNonce(random)
		if err != nil {
			return err
		}
		cells := []string{}
		for _, f := range []renderer{renderRaw, renderEscaped, render} {
			document, err := f(comment, nonce)
			if err != nil {
				return err
			}
			cells = append(cells, verdict(document, "", "alert(1)"))
		}
		document, err := renderRaw(comment, nonce)
		if err != nil {
			return err
		}
		policy := pageHeaders(nonce)["Content-Security-Policy"]
		row(attack.label, append(cells, verdict(document, policy, "alert(1)"))...)
	}
	name, cells := harmless, []string{}
	name.Mood = "O'Brien <3"
	for _, f := range []renderer{renderRaw, renderEscaped, render} {
		document, err := f(name, "n")
		if err != nil {
			return err
		}
		cells = append(cells, isIntact(document, name.Mood))
	}
	row("O'Brien <3 in the JSON", cells...)
	return nil
}

func policies(random io.Reader) error {
	fmt.Println("\npolicy                            attack   own script")
	nonce, err := newNonce(random)
	if err != nil {
		return err
	}
	attack := harmless
	attack.Text = "<script>alert(1)</script>"
	document, err := renderRaw(attack, nonce)
	if err != nil {
		return err
	}
	for _, pair := range [][2]string{
		{"no policy", ""},
		{"script-src 'unsafe-inline'", "script-src 'self' 'unsafe-inline'"},
		{"script-src 'self'", "script-src 'self'"},
		{"nonce", pageHeaders(nonce)["Content-Security-Policy"]},
		{"nonce, 'unsafe-inline'", "script-src 'nonce-" + nonce + "' 'unsafe-inline'"},
	} {
		label, policy := pair[0], pair[1]
		row(label, verdict(document, policy, "alert(1)"), verdict(document, policy, "const"))
	}

	fmt.Println("\ninjected script with the nonce of an earlier response")
	earlier, err := newNonce(random)
	if err != nil {
		return err
	}
	fresh, err := newNonce(random)
	if err != nil {
		return err
	}
	stolen := harmless
	stolen.Text = `<script nonce="` + earlier + `">alert(1)</script>`
	for _, pair := range [][2]string{{"the nonce never changes", earlier}, {"a new nonce", fresh}} {
		document, err := renderRaw(stolen, pair[1])
		if err != nil {
			return err
		}
		policy := pageHeaders(pair[1])["Content-Security-Policy"]
		row(pair[0], verdict(document, policy, "alert(1)"))
	}
	return nil
}

func headers() error {
	fmt.Println("\nheaders sent                      nosniff  X-XSS    first directive")
	for _, sent := range []struct {
		label  string
		values map[string]string
	}{{"page", pageHeaders("n")}, {"API", apiHeaders()}} {
		xss, ok := sent.values["X-XSS-Protection"]
		if ok && xss != "0" {
			return fmt.Errorf("X-XSS-Protection: %s", xss)
		}
		if !ok {
			xss = "absent"
		}
		directive, _, _ := strings.Cut(sent.values["Content-Security-Policy"], " ")
		row(sent.label, sent.values["X-Content-Type-Options"], xss, directive)
	}
	return nil
}

func run() error {
	random := &counted{}
	if err := injections(random); err != nil {
		return err
	}
	if err := policies(random); err != nil {
		return err
	}
	return headers()
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
