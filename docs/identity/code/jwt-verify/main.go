// Issue access tokens and refuse forged ones: the key says its algorithm.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"log"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxTokenBytes  = 8192
	maxBrackets    = 32
	minSecretBytes = 32 // RFC 7518, section 3.2
	leeway         = 30 * time.Second
	lifetime       = 300 * time.Second
	maxSeconds     = 253_402_300_799 // the end of the year 9999

	issuer   = "https://login.shop.test"
	audience = "https://orders.shop.test"
	// Samples: a real secret is 32 random bytes from a secret manager.
	secret    = "sample-only-secret-of-32-bytes-1"
	publicKey = "-----BEGIN PUBLIC KEY-----\nsample\n-----END PUBLIC KEY-----\n"
)

var (
	start = time.Unix(1_767_225_600, 0)
	types = []string{"at+jwt", "application/at+jwt"} // RFC 9068, section 4
	nones = []string{"none", "None", "NONE", "nOnE"}
)

// TokenError is for the log: the caller learns no more than 401 and invalid_token.
type TokenError string

func (e TokenError) Error() string { return string(e) }

// Key is a key and the only algorithm that it may ever be used with.
type Key struct {
	Alg      string
	Material []byte
}

// NewKey refuses secrets that could be guessed.
func NewKey(alg string, material []byte) (Key, error) {
	if alg == "HS256" && len(material) < minSecretBytes {
		return Key{}, fmt.Errorf("an HS256 secret has %d bytes or more", minSecretBytes)
	}
	return Key{alg, material}, nil
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// decode is strict: it takes the one spelling that encode gives.
func decode(part, name string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || encode(raw) != part {
		return nil, TokenError(name + " is not base64url")
	}
	return raw, nil
}

// fields reads values by type and remembers the first failure.
type fields struct {
	values map[string]any
	err    error
}

func readObject(part, name string) (*fields, error) {
	raw, err := decode(part, name)
	if err != nil {
		return nil, err
	}
	// Those inside strings count too: cheap, and honest tokens have few.
	brackets := bytes.Count(raw, []byte("[")) + bytes.Count(raw, []byte("{"))
	if brackets > maxBrackets || !utf8.Valid(raw) || !json.Valid(raw) {
		return nil, TokenError(name + " is not strict JSON")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	value, err := readValue(decoder)
	if err != nil {
		return nil, TokenError(name + " is not strict JSON")
	}
	values, ok := value.(map[string]any)
	if !ok {
		return nil, TokenError(name + " is not an object")
	}
	return &fields{values: values}, nil
}

// readValue walks by token because Unmarshal keeps the last of equal names.
func readValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		values := map[string]any{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			key := fmt.Sprint(name)
			if _, twice := values[key]; twice {
				return nil, errors.New("a name occurs twice")
			}
			if values[key], err = readValue(decoder); err != nil {
				return nil, err
			}
		}
		_, err := decoder.Token()
		return values, err
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := readValue(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := decoder.Token()
		return list, err
	}
	return token, nil
}

func (f *fields) fail(name, reason string) {
	if f.err == nil {
		f.err = TokenError(name + " is " + reason)
	}
}

func (f *fields) text(name string) string {
	text, ok := f.values[name].(string)
	if !ok || text == "" {
		f.fail(name, "not a text")
	}
	return text
}

func (f *fields) texts(name string) []string {
	list, ok := f.values[name].([]any)
	if !ok {
		list = []any{f.values[name]}
	}
	texts := make([]string, 0, len(list))
	for _, value := range list {
		text, ok := value.(string)
		if !ok {
			f.fail(name, "not a text or a list of texts")
		}
		texts = append(texts, text)
	}
	return texts
}

func (f *fields) time(name string) time.Time {
	value, present := f.values[name]
	if !present {
		f.fail(name, "missing")
		return time.Time{}
	}
	number, ok := value.(json.Number)
	seconds, err := number.Float64()
	if !ok || err != nil || seconds < 0 || seconds > maxSeconds {
		f.fail(name, "not a time")
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000))
}

// Header is what a token says about itself, before anybody believes it.
type Header struct{ Alg, Kid, Typ string }

func readHeader(part string) (Header, error) {
	f, err := readObject(part, "header")
	if err != nil {
		return Header{}, err
	}
	// RFC 7515, section 4.1.11: refuse what is not understood.
	if _, critical := f.values["crit"]; critical {
		return Header{}, TokenError("crit is not understood")
	}
	return Header{Alg: f.text("alg"), Kid: f.text("kid"), Typ: f.text("typ")}, f.err
}

// Claims are those of RFC 9068, each of the right type.
type Claims struct {
	Issuer    string
	Audience  []string
	Subject   string
	ClientID  string
	TokenID   string
	IssuedAt  time.Time
	NotBefore time.Time
	Expires   time.Time
}

func readClaims(part string) (Claims, error) {
	f, err := readObject(part, "payload")
	if err != nil {
		return Claims{}, err
	}
	if _, present := f.values["nbf"]; !present { // the optional one
		f.values["nbf"] = json.Number("0")
	}
	return Claims{
		Issuer:    f.text("iss"),
		Audience:  f.texts("aud"),
		Subject:   f.text("sub"),
		ClientID:  f.text("client_id"),
		TokenID:   f.text("jti"),
		IssuedAt:  f.time("iat"),
		NotBefore: f.time("nbf"),
		Expires:   f.time("exp"),
	}, f.err
}

// --8<-- [start:show]

// Verifier settles what a token has to be before one arrives.
type Verifier struct {
	Keys     map[string]Key // by kid: a closed set; each key names its algorithm
	Issuer   string
	Audience string
	Clock    func() time.Time
}

// Verify returns the claims of a token that this service may believe.
func (v Verifier) Verify(token string) (Claims, error) {
	if len(token) > maxTokenBytes {
		return Claims{}, TokenError("token is too long")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Claims{}, TokenError("not three parts")
	}
	header, err := readHeader(parts[0])
	if err != nil {
		return Claims{}, err
	}
	key, known := v.Keys[header.Kid]
	switch {
	case !known:
		return Claims{}, TokenError("unknown kid")
	case header.Alg != key.Alg: // it has to agree, it never chooses
		return Claims{}, TokenError("alg is not the key's")
	case !slices.Contains(types, header.Typ):
		return Claims{}, TokenError("typ is not at+jwt")
	case key.Alg != "HS256":
		return Claims{}, TokenError(key.Alg + " is left to a library")
	}
	// As text: another spelling of the same bytes is refused, too.
	expected := signature(sha256.New, key.Material, parts[0]+"."+parts[1])
	if !hmac.Equal([]byte(expected), []byte(parts[2])) {
		return Claims{}, TokenError("bad signature")
	}
	claims, err := readClaims(parts[1]) // unread until here
	if err != nil {
		return Claims{}, err
	}
	now := v.Clock()
	switch {
	case claims.Issuer != v.Issuer:
		return Claims{}, TokenError("wrong issuer")
	case !slices.Contains(claims.Audience, v.Audience):
		return Claims{}, TokenError("wrong audience")
	case !now.Before(claims.Expires.Add(leeway)):
		return Claims{}, TokenError("expired")
	case now.Before(claims.NotBefore.Add(-leeway)):
		return Claims{}, TokenError("not valid yet")
	case now.Before(claims.IssuedAt.Add(-leeway)):
		return Claims{}, TokenError("issued in the future")
	}
	return claims, nil
}

// --8<-- [end:show]

func signature(algorithm func() hash.Hash, material []byte, signed string) string {
	mac := hmac.New(algorithm, material)
	mac.Write([]byte(signed)) // a hash never fails to write
	return encode(mac.Sum(nil))
}

func issue(kid string, key Key, claims Claims) (string, error) {
	if key.Alg != "HS256" {
		return "", fmt.Errorf("cannot sign with %s", key.Alg)
	}
	var aud any = claims.Audience
	if len(claims.Audience) == 1 {
		aud = claims.Audience[0]
	}
	header, err := json.Marshal(map[string]string{
		"alg": key.Alg, "kid": kid, "typ": "at+jwt",
	})
	if err != nil {
		return "", fmt.Errorf("header: %w", err)
	}
	payload, err := json.Marshal(map[string]any{
		"iss":       claims.Issuer,
		"aud":       aud,
		"sub":       claims.Subject,
		"client_id": claims.ClientID,
		"jti":       claims.TokenID,
		"iat":       claims.IssuedAt.Unix(),
		"nbf":       claims.NotBefore.Unix(),
		"exp":       claims.Expires.Unix(),
	})
	if err != nil {
		return "", fmt.Errorf("payload: %w", err)
	}
	return sealed(sha256.New, key.Material, string(header), string(payload)), nil
}

// sealed signs any text at all, so it is the forger's tool as well.
func sealed(algorithm func() hash.Hash, material []byte, header, payload string) string {
	signed := encode([]byte(header)) + "." + encode([]byte(payload))
	return signed + "." + signature(algorithm, material, signed)
}

// believing is what not to write: the token picks its algorithm, claims go unread.
func believing(keys map[string]Key, token string) string {
	head, rest, _ := strings.Cut(token, ".")
	payload, given, _ := strings.Cut(rest, ".")
	f, err := readObject(head, "header")
	if err != nil {
		return "refused"
	}
	raw, err := base64.RawURLEncoding.DecodeString(given)
	algorithm := sha256.New
	switch alg := strings.ToLower(f.text("alg")); {
	case err != nil:
		return "refused"
	case alg == "none":
		return "accepted"
	case alg == "hs512":
		algorithm = sha512.New
	case alg != "hs256":
		return "refused"
	}
	key, known := keys[f.text("kid")]
	if !known {
		return "refused"
	}
	mac := hmac.New(algorithm, key.Material)
	mac.Write([]byte(head + "." + payload))
	if !hmac.Equal(mac.Sum(nil), raw) {
		return "refused"
	}
	return "accepted"
}

func swap(text, old, changed string) string {
	if !strings.Contains(text, old) {
		log.Fatalf("nothing to replace: %s", old)
	}
	return strings.ReplaceAll(text, old, changed)
}

type row struct {
	label  string
	tokens []string
}

func rows(key Key) ([]row, error) {
	good, err := issue("hs-1", key, Claims{
		Issuer:    issuer,
		Audience:  []string{audience},
		Subject:   "user-42",
		ClientID:  "web",
		TokenID:   "t-1",
		IssuedAt:  start,
		NotBefore: start,
		Expires:   start.Add(lifetime),
	})
	if err != nil {
		return nil, err
	}
	parts := strings.Split(good, ".")
	rawHeader, err := decode(parts[0], "header")
	if err != nil {
		return nil, err
	}
	rawPayload, err := decode(parts[1], "payload")
	if err != nil {
		return nil, err
	}
	header, payload := string(rawHeader), string(rawPayload)
	at := func(name string, offset time.Duration) string {
		return fmt.Sprintf(`"%s":%d`, name, start.Add(offset).Unix())
	}
	exp := at("exp", lifetime)

	withHeader := func(old, changed string) string {
		return sealed(sha256.New, []byte(secret), swap(header, old, changed), payload)
	}
	withClaim := func(old, changed string) string {
		return sealed(sha256.New, []byte(secret), header, swap(payload, old, changed))
	}
	unsigned := make([]string, 0, len(nones))
	for _, alg := range nones {
		token := withHeader("HS256", alg)
		unsigned = append(unsigned, token[:strings.LastIndex(token, ".")+1])
	}

	hs512 := sealed(sha512.New, []byte(secret), swap(header, "HS256", "HS512"), payload)
	confused := sealed(sha256.New, []byte(publicKey), swap(header, "hs-1", "rs-1"), payload)
	changed := swap(swap(payload, exp, `"exp":1`), "user-42", "admin")
	tampered := parts[0] + "." + encode([]byte(changed)) + "." + parts[2]
	// 32 bytes leave two bits of the last character unused.
	letters := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(good) - 1
	respelled := good[:last] + string(letters[strings.IndexByte(letters, good[last])+1])
	deep := strings.Repeat("[", 2000) + strings.Repeat("]", 2000)
	listed := fmt.Sprintf(`["a","%s"]`, audience)
	quoted := fmt.Sprintf(`"exp":"%d"`, start.Add(time.Minute).Unix())
	long := `"` + strings.Repeat("t", 12_000) + `"`
	return []row{
		{"as issued", []string{good}},
		{"aud is a list", []string{withClaim(`"`+audience+`"`, listed)}},
		{"expired, within the leeway", []string{withClaim(exp, at("exp", 1*time.Second-leeway))}},
		{"alg none, None, NONE, nOnE", unsigned},
		{"alg HS512, same secret", []string{hs512}},
		{"HS256 by the RSA public key", []string{confused}},
		{"unknown kid", []string{withHeader("hs-1", "hs-9")}},
		{"typ JWT, as in an ID token", []string{withHeader("at+jwt", "JWT")}},
		{"payload changed, and expired", []string{tampered}},
		{"signature spelled otherwise", []string{respelled}},
		{"wrong issuer", []string{withClaim("//login", "//evil")}},
		{"wrong audience", []string{withClaim("//orders", "//mail")}},
		{"expired", []string{withClaim(exp, at("exp", -leeway))}},
		{"not valid yet", []string{withClaim(at("nbf", 0), at("nbf", leeway+time.Second))}},
		{"issued in the future", []string{withClaim(at("iat", 0), at("iat", leeway+time.Second))}},
		{"exp missing", []string{withClaim(exp, `"x":0`)}},
		{"exp a string", []string{withClaim(exp, quoted)}},
		{"exp 1e999", []string{withClaim(exp, `"exp":1e999`)}},
		{"exp NaN", []string{withClaim(exp, `"exp":NaN`)}},
		{"exp twice", []string{withClaim(exp, `"exp":1,`+exp)}},
		{"sub a number", []string{withClaim(`"user-42"`, "42")}},
		{"header nested 2,000 deep", []string{withHeader("{", `{"x":`+deep+",")}},
		{"two parts", []string{good[:strings.LastIndex(good, ".")]}},
		{"16,000 characters", []string{withClaim(`"t-1"`, long)}},
	}, nil
}

func run() error {
	hs, err := NewKey("HS256", []byte(secret))
	if err != nil {
		return err
	}
	rs, err := NewKey("RS256", []byte(publicKey))
	if err != nil {
		return err
	}
	keys := map[string]Key{"hs-1": hs, "rs-1": rs}
	verifier := Verifier{keys, issuer, audience, func() time.Time { return start }}
	table, err := rows(hs)
	if err != nil {
		return err
	}
	fmt.Printf("%-31s%-15s%s\n", "token", "alg by token", "alg by key, claims checked")
	for _, row := range table {
		var believed, verdicts []string
		for _, token := range row.tokens {
			believed = append(believed, believing(keys, token))
			verdict := "accepted: "
			var refused TokenError
			if claims, err := verifier.Verify(token); err == nil {
				verdict += claims.Subject
			} else if errors.As(err, &refused) {
				verdict = refused.Error()
			} else {
				return err
			}
			verdicts = append(verdicts, verdict)
		}
		fmt.Printf("%-31s%-15s%s\n", row.label, distinct(believed), distinct(verdicts))
	}
	return nil
}

func distinct(texts []string) string {
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ", ")
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
