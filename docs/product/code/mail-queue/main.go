// Transactional mail and offers: built, sent once, suppressed, authenticated.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// A sample: real ones come from a vault.
var unsubscribeKey = []byte("sample-unsubscribe-key")

const (
	softBounces = 3 // so many in a row count as a hard one
	ada         = "ada@example.com"
	bob         = "bob@example.com"
	cy          = "cy@example.com"
)

// No address in a link.
var recipients = map[string]string{ada: "r1", bob: "r2", cy: "r3"}

// Job is one mail to one address.
type Job struct {
	Key    string // from the event, made once: order 1 was paid
	Stream string // "receipts" or "offers"
	To     string
	Name   string
}

var templates = map[string]struct{ subject, text string }{
	"receipts": {"Your receipt", "Thank you, {name}. Your tea is on its way."},
	"offers":   {"New tea, {name}", "Hello {name}, the first harvest is here."},
}

// --8<-- [start:show]

func build(job Job) ([]byte, error) {
	// A line break would start a header.
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if strings.ContainsFunc(job.Name+job.To, odd) {
		return nil, errors.New("name or address is not printable")
	}
	template := templates[job.Stream]
	fill := func(text, name string) string {
		return strings.ReplaceAll(text, "{name}", name)
	}
	var mail bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&mail, "%s: %s\r\n", name, value) }
	header("From", fmt.Sprintf("Tea Shop <%s@shop.test>", job.Stream))
	header("To", job.To)
	header("Subject", mime.QEncoding.Encode("utf-8", fill(template.subject, job.Name)))
	header("Message-ID", fmt.Sprintf("<%s.%s@shop.test>", job.Key, recipients[job.To]))
	if job.Stream == "offers" { // DKIM must sign both
		link := "https://shop.test/u/" + token(recipients[job.To], job.Stream)
		header("List-Unsubscribe", "<"+link+">")
		header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	text := fill(template.text, job.Name)
	rich := "<p>" + fill(template.text, html.EscapeString(job.Name)) + "</p>"
	err := alternative(&mail, "part-of-"+job.Key, text, rich)
	return mail.Bytes(), err
}

// Work runs a leased job; the queue gives it out again if this one dies.
func (m *Mailer) Work(job Job, dies bool) (string, error) {
	for _, stream := range []string{"all", job.Stream} { // now: a job can wait for hours
		if reason, ok := m.suppressed[target{job.To, stream}]; ok {
			return "not sent: " + reason, nil
		}
	}
	content, err := build(job)
	if err != nil {
		return "", err
	}
	message := m.provider.Send(job.Key+"/"+job.To, job.To, content)
	if dies {
		return fmt.Sprintf("accepted as %s, worker dies", message), nil
	}
	m.sent[message] = job
	return fmt.Sprintf("accepted as %s, done", message), nil
}

// OnEvent takes a webhook whose signature was checked before.
func (m *Mailer) OnEvent(event, kind, message string) string {
	if m.events[event] {
		return "known already"
	}
	job, ok := m.sent[message]
	if !ok {
		return "404, come again" // perhaps it overtook our commit
	}
	m.events[event] = true
	if kind == "complaint" {
		return m.suppress(job.To, job.Stream, "complaint")
	}
	if kind == "soft bounce" {
		m.soft[job.To]++
	} else {
		m.soft[job.To] = 0
	}
	if kind == "hard bounce" || m.soft[job.To] == softBounces {
		return m.suppress(job.To, "all", "bounced")
	}
	return fmt.Sprintf("noted, %d soft of %d", m.soft[job.To], softBounces)
}

// --8<-- [end:show]

func (m *Mailer) suppress(address, stream, reason string) string {
	if _, ok := m.suppressed[target{address, stream}]; !ok {
		m.suppressed[target{address, stream}] = reason
	}
	return fmt.Sprintf("%s: no more %s", nameOf(address), stream)
}

type target struct{ address, stream string }

type Mailer struct {
	provider   *Provider
	sent       map[string]Job    // by message id
	suppressed map[target]string // to the reason
	soft       map[string]int    // bounces in a row
	events     map[string]bool
}

// Unsubscribe is the https address of List-Unsubscribe: no cookie, no login, no page.
// Programs send the form as multipart/form-data or urlencoded: parse both.
func (m *Mailer) Unsubscribe(method, given string, form url.Values) string {
	if method != http.MethodPost || form.Get("List-Unsubscribe") != "One-Click" {
		return "200, a page with a button" // scanners follow links
	}
	recipient, rest, _ := strings.Cut(given, ".")
	stream, _, _ := strings.Cut(rest, ".")
	if !hmac.Equal([]byte(given), []byte(token(recipient, stream))) {
		return "404"
	}
	for address, id := range recipients {
		if id == recipient {
			return "200, " + m.suppress(address, stream, "unsubscribed")
		}
	}
	return "404"
}

// token cannot be made for somebody else. Cut to 8 digits: take 32 or more.
func token(recipient, stream string) string {
	signed := recipient + "." + stream
	mac := hmac.New(sha256.New, unsubscribeKey)
	mac.Write([]byte(signed))
	return signed + "." + hex.EncodeToString(mac.Sum(nil))[:8]
}

// alternative writes the plain text first, then the form that is preferred.
func alternative(mail *bytes.Buffer, boundary, text, rich string) error {
	parts := multipart.NewWriter(mail)
	if err := parts.SetBoundary(boundary); err != nil {
		return err
	}
	fmt.Fprintf(mail, "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; "+
		"boundary=%q\r\n\r\n", boundary)
	for _, each := range [][2]string{{"text/plain", text}, {"text/html", rich}} {
		part, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {each[0] + `; charset="utf-8"`},
			"Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err != nil {
			return err
		}
		encoder := quotedprintable.NewWriter(part)
		if _, err := encoder.Write([]byte(each[1])); err != nil {
			return err
		}
		if err := encoder.Close(); err != nil {
			return err
		}
	}
	return parts.Close()
}

func nameOf(address string) string {
	name, _, _ := strings.Cut(address, "@")
	return name
}

// Provider accepts mails; some remember the keys for a day, SMTP none.
type Provider struct {
	remembers       bool
	keys            map[string]string
	requests, mails int
}

func (p *Provider) Send(key, to string, content []byte) string {
	p.requests++
	if message, ok := p.keys[key]; ok && p.remembers {
		return message
	}
	p.mails++
	p.keys[key] = fmt.Sprintf("m%d", p.mails)
	return p.keys[key]
}

// Result is what a receiver found out about one mail.
type Result struct {
	label, spf, mailFrom, dkim, signer string // signer: d= of the signature
}

// Where _dmarc has a policy.
var records = []string{"shop.test", "sender.test", "list.test"}

// organization walks the tree: of all parents with a record, the fewest labels.
func organization(domain string) string {
	found := domain
	for parent, ok := domain, true; ok; _, parent, ok = strings.Cut(parent, ".") {
		if slices.Contains(records, parent) {
			found = parent
		}
	}
	return found
}

// dmarc passes if SPF or DKIM passes for the domain that the reader sees.
func dmarc(author string, result Result) (spf, dkim, verdict string) {
	judge := func(passed, domain string) string {
		switch {
		case passed != "pass":
			return "fail"
		case organization(domain) == organization(author): // relaxed, the default
			return "aligned"
		default:
			return "pass, foreign"
		}
	}
	spf = judge(result.spf, result.mailFrom)
	dkim = judge(result.dkim, result.signer)
	if spf == "aligned" || dkim == "aligned" {
		return spf, dkim, "pass"
	}
	return spf, dkim, "FAIL"
}

func showMessage() {
	content, err := build(Job{"offer-7", "offers", ada, "Ada & Co"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("one mail, without its MIME headers")
	for line := range strings.SplitSeq(string(content), "\r\n") {
		mimeLine := strings.HasPrefix(line, "Content-T") ||
			strings.HasPrefix(line, "MIME") || strings.HasPrefix(line, "--")
		if line != "" && !mimeLine {
			fmt.Println("  " + line)
		}
	}
	_, err = build(Job{"offer-7", "offers", ada, "Ada\r\nBcc: everybody@example.com"})
	fmt.Println("name with a line break:", err)
}

func newMailer(remembers bool) *Mailer {
	return &Mailer{
		provider:   &Provider{remembers: remembers, keys: map[string]string{}},
		sent:       map[string]Job{},
		suppressed: map[target]string{},
		soft:       map[string]int{},
		events:     map[string]bool{},
	}
}

func showQueue() {
	mailer := newMailer(true)
	row := func(what, outcome string) { fmt.Printf("  %-34s%s\n", what, outcome) }
	work := func(key, stream, to string, dies bool) {
		outcome, err := mailer.Work(Job{key, stream, to, nameOf(to)}, dies)
		if err != nil {
			log.Fatal(err)
		}
		row(key+" to "+nameOf(to), outcome)
	}

	fmt.Println("\nqueue")
	work("receipt-1", "receipts", ada, true)
	work("receipt-1", "receipts", ada, false)
	for _, to := range []string{ada, bob, cy} {
		work("offer-7", "offers", to, false)
	}
	fmt.Println("\nwebhooks and unsubscribe")
	for _, event := range [][3]string{
		{"e1", "delivered", "m1"},
		{"e2", "hard bounce", "m3"},
		{"e2", "hard bounce", "m3"},
		{"e3", "soft bounce", "m4"},
		{"e4", "complaint", "m2"},
		{"e5", "hard bounce", "m99"},
	} {
		outcome := mailer.OnEvent(event[0], event[1], event[2])
		row(strings.Join(event[:], " "), outcome)
	}
	good := token(recipients[cy], "offers")
	forged := strings.Replace(good, "r3", "r1", 1)
	button := url.Values{"List-Unsubscribe": {"One-Click"}}
	row("GET, by a mail scanner", mailer.Unsubscribe(http.MethodGet, good, nil))
	row("POST, token of another address",
		mailer.Unsubscribe(http.MethodPost, forged, button))
	row("POST, cy's click", mailer.Unsubscribe(http.MethodPost, good, button))
	fmt.Println("\nnext day")
	for _, to := range []string{ada, bob, cy} {
		work("offer-8", "offers", to, false)
	}
	work("receipt-2", "receipts", ada, false)
	work("receipt-3", "receipts", bob, false)
	provider := mailer.provider
	fmt.Printf("%d requests, %d mails\n", provider.requests, provider.mails)
	forgetful := newMailer(false)
	for _, dies := range []bool{true, false} {
		job := Job{"receipt-1", "receipts", ada, nameOf(ada)}
		if _, err := forgetful.Work(job, dies); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("the same crash, provider without keys: %d mails\n", forgetful.provider.mails)
}

func showDMARC() {
	fmt.Printf("\n%-36sSPF            DKIM           DMARC\n", "From: shop.test")
	for _, result := range []Result{
		{"our domains", "pass", "bounce.shop.test", "pass", "shop.test"},
		{"provider's defaults", "pass", "sender.test", "pass", "sender.test"},
		{"forwarded by a reader", "fail", "shop.test", "pass", "shop.test"},
		{"list that edits the text", "pass", "list.test", "fail", "shop.test"},
	} {
		spf, dkim, verdict := dmarc("shop.test", result)
		fmt.Printf("  %-34s%-15s%-15s%s\n", result.label, spf, dkim, verdict)
	}
}

func main() {
	showMessage()
	showQueue()
	showDMARC()
}
