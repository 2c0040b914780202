// Load typed configuration from five sources, fail fast, reload atomically.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	first   = "sample-only-7f3a91"
	rotated = "sample-only-c02d55"
	mask    = "[redacted]"
)

var printed []string

func say(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	printed = append(printed, line)
	fmt.Println(line)
}

// Secret leaves as text only through Reveal; every other way prints a mask.
type Secret struct{ text string }

func (s Secret) Reveal() string               { return s.text }
func (s Secret) String() string               { return mask }
func (s Secret) GoString() string             { return mask }
func (s Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// Config is a plain value: copied and compared as a whole.
type Config struct {
	Port       int
	TimeoutMS  int
	PoolSize   int
	LogLevel   string
	DBPassword Secret
}

// values are in the order of fields.
func (c Config) values() []any {
	return []any{c.Port, c.TimeoutMS, c.PoolSize, c.LogLevel, c.DBPassword}
}

// ConfigError carries everything that is wrong, not only the first thing.
type ConfigError []string

func (e ConfigError) Error() string { return strings.Join(e, "; ") }

// Source is one place where configuration comes from.
type Source struct {
	kind           string
	values         map[string]string
	mayHoldSecrets bool
}

func (s Source) label(key string) string {
	switch s.kind {
	case "default":
		return "default"
	case "env":
		return "env APP_" + strings.ToUpper(key)
	case "flag":
		return "flag --" + strings.ReplaceAll(key, "_", "-")
	}
	return s.kind + " " + key
}

// Loaded is a valid configuration that knows where each value came from.
// Its fields are exported: fmt calls no String method on unexported ones.
type Loaded struct {
	Config  Config
	Origin  map[string]string
	Version int
}

type field struct {
	name         string
	parse        func(text string, into *Config) error
	secret       bool
	needsRestart bool
}

var digits = regexp.MustCompile(`^-?[0-9]{1,9}$`)

func integer(low, high int, at func(*Config) *int) func(string, *Config) error {
	return func(text string, into *Config) error {
		if !digits.MatchString(text) {
			return fmt.Errorf("\"%s\" is not an integer", text)
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < low || n > high {
			return fmt.Errorf("%s is not in %d..%d", text, low, high)
		}
		*at(into) = n
		return nil
	}
}

func oneOf(at func(*Config) *string, allowed ...string) func(string, *Config) error {
	return func(text string, into *Config) error {
		if !slices.Contains(allowed, text) {
			return fmt.Errorf("\"%s\" is not one of %s", text, strings.Join(allowed, ", "))
		}
		*at(into) = text
		return nil
	}
}

func secret(shortest int, at func(*Config) *Secret) func(string, *Config) error {
	return func(text string, into *Config) error {
		if len(text) < shortest { // says nothing of the text itself
			return fmt.Errorf("shorter than %d characters", shortest)
		}
		*at(into) = Secret{text}
		return nil
	}
}

func portOf(c *Config) *int        { return &c.Port }
func timeoutOf(c *Config) *int     { return &c.TimeoutMS }
func poolOf(c *Config) *int        { return &c.PoolSize }
func levelOf(c *Config) *string    { return &c.LogLevel }
func passwordOf(c *Config) *Secret { return &c.DBPassword }

var defaults = map[string]string{
	"port": "8080", "timeout_ms": "2000", "pool_size": "10", "log_level": "info",
}

// --8<-- [start:show]
var fields = []field{
	{name: "port", needsRestart: true, parse: integer(1, 65_535, portOf)},
	{name: "timeout_ms", parse: integer(50, 60_000, timeoutOf)},
	{name: "pool_size", needsRestart: true, parse: integer(1, 100, poolOf)},
	{name: "log_level", parse: oneOf(levelOf, "debug", "info", "warn", "error")},
	{name: "db_password", secret: true, parse: secret(12, passwordOf)},
}

// load takes the weakest source first. It returns a whole configuration,
// or all that is wrong.
func load(sources []Source) (*Loaded, error) {
	var wrong ConfigError
	type value struct{ label, text string }
	found := map[string]value{}
	for _, source := range sources {
		for _, key := range sortedKeys(source.values) {
			label := source.label(key)
			i := slices.IndexFunc(fields, func(f field) bool { return f.name == key })
			if i < 0 {
				wrong = append(wrong, label+": unknown"+didYouMean(source, key))
			} else if fields[i].secret && !source.mayHoldSecrets {
				wrong = append(wrong, label+": a secret does not belong here")
			} else {
				found[key] = value{label, source.values[key]} // stronger wins
			}
		}
	}

	loaded := &Loaded{Origin: map[string]string{}, Version: 1}
	for _, f := range fields {
		v, ok := found[f.name]
		if !ok {
			wrong = append(wrong, f.name+": missing")
		} else if err := f.parse(v.text, &loaded.Config); err != nil {
			wrong = append(wrong, v.label+": "+err.Error())
		}
		loaded.Origin[f.name] = v.label
	}
	if wrong != nil {
		return nil, wrong
	}
	return loaded, nil
}

// Live holds one pointer to a value nobody changes: swapped as a whole or not.
type Live struct {
	read    func() ([]Source, error)
	current atomic.Pointer[Loaded]
}

func (l *Live) Reload() error { // called by one goroutine, read by all
	sources, err := l.read()
	if err != nil {
		return err // the old one stays
	}
	next, err := load(sources)
	if err != nil {
		return err
	}
	if old := l.current.Load(); old != nil {
		was, is := old.Config.values(), next.Config.values()
		for i, f := range fields {
			if f.needsRestart && was[i] != is[i] {
				return ConfigError{next.Origin[f.name] + ": needs a restart"}
			}
		}
		if next.Version = old.Version; next.Config != old.Config {
			next.Version++
		}
	}
	l.current.Store(next)
	return nil
}

// --8<-- [end:show]

func sortedKeys(values map[string]string) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func didYouMean(source Source, key string) string {
	best := slices.MinFunc(fields, func(a, b field) int {
		return distance(key, a.name) - distance(key, b.name)
	}).name
	if distance(key, best) > 2 {
		return ""
	}
	label := source.label(best)
	return "; did you mean " + label[strings.LastIndexByte(label, ' ')+1:] + "?"
}

func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := slices.Clone(row)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
		}
	}
	return row[len(b)]
}

func readFile(path string) (map[string]string, error) {
	name := filepath.Base(path)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, ConfigError{"file " + name + ": cannot be read"}
	}
	var raw map[string]json.RawMessage
	var kind *json.UnmarshalTypeError
	if err := json.Unmarshal(content, &raw); errors.As(err, &kind) {
		return nil, ConfigError{"file " + name + ": not an object"}
	} else if err != nil {
		return nil, ConfigError{"file " + name + ": not valid JSON"}
	}
	texts := map[string]string{}
	for key, value := range raw {
		var text string
		if json.Unmarshal(value, &text) != nil { // a number, kept as written
			text = string(value)
		}
		texts[key] = text
	}
	return texts, nil
}

func readSources(file string, environ map[string]string, args []string) ([]Source, error) {
	env, mounted, flags := map[string]string{}, map[string]string{}, map[string]string{}
	for name, value := range environ {
		upper, ok := strings.CutPrefix(name, "APP_")
		key, isFile := strings.CutSuffix(strings.ToLower(upper), "_file")
		if !ok {
			continue
		}
		if !isFile {
			env[key] = value
			continue
		}
		content, err := os.ReadFile(value)
		if err != nil {
			return nil, ConfigError{"secret file " + key + ": cannot be read"}
		}
		mounted[key] = strings.TrimRight(string(content), "\n")
	}
	for _, arg := range args {
		name, value, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		flags[strings.ReplaceAll(name, "-", "_")] = value
	}
	fromFile, err := readFile(file)
	if err != nil {
		return nil, err
	}
	return []Source{
		{kind: "default", values: defaults},
		{kind: "file", values: fromFile},
		{kind: "env", values: env, mayHoldSecrets: true},
		{kind: "secret file", values: mounted, mayHoldSecrets: true},
		{kind: "flag", values: flags},
	}, nil
}

const private fs.FileMode = 0o600

// replace lets a reader see the old file or the new one, never half of it.
func replace(path, text string) error {
	temporary := path + ".tmp"
	if err := os.WriteFile(temporary, []byte(text), private); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// boot loads first: only a valid configuration gets a listener.
func boot(read func() ([]Source, error)) (*Live, net.Listener, error) {
	live := &Live{read: read}
	if err := live.Reload(); err != nil {
		return nil, nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	return live, listener, err
}

func (l *Live) attempt(title string) {
	verdict := "accepted"
	if err := l.Reload(); err != nil {
		verdict = "refused: " + err.Error()
	}
	now := l.current.Load()
	say("   %-20s v%d %5d  %s", title, now.Version, now.Config.TimeoutMS, verdict)
}

func yesNo(value bool) string {
	if value {
		return "yes"
	}
	return "no"
}

func run(folder string) error {
	file, mounted := filepath.Join(folder, "app.json"), filepath.Join(folder, "db_password")
	say("1  every error at once, before anything listens")
	broken := `{"timout_ms": 1500, "pool_size": 500, "db_password": "` + first + `"}`
	if err := replace(file, broken); err != nil {
		return err
	}
	_, listener, err := boot(func() ([]Source, error) {
		environ := map[string]string{
			"APP_PORT": "80 80", "APP_LOG_LEVL": "info", "HOME": "/root",
		}
		return readSources(file, environ, []string{"--log-level=verbose"})
	})
	var wrong ConfigError
	if !errors.As(err, &wrong) {
		return fmt.Errorf("expected a refusal, got %w", err)
	}
	for _, line := range wrong {
		say("   %s", line)
	}
	say("   listening: %s", yesNo(listener != nil))

	say("2  the strongest source wins, and is remembered")
	if err := replace(file, `{"timeout_ms": 1500, "pool_size": 15}`); err != nil {
		return err
	}
	if err := replace(mounted, first+"\n"); err != nil {
		return err
	}
	live, listener, err := boot(func() ([]Source, error) {
		environ := map[string]string{
			"APP_POOL_SIZE":        "20",
			"APP_LOG_LEVEL":        "warn",
			"APP_DB_PASSWORD":      "sample-only-from-env",
			"APP_DB_PASSWORD_FILE": mounted,
		}
		return readSources(file, environ, []string{"--log-level=debug"})
	})
	if err != nil {
		return err
	}
	defer listener.Close()
	now := live.current.Load()
	values := now.Config.values()
	for i, f := range fields {
		say("   %-12s %-11v %s", f.name, values[i], now.Origin[f.name])
	}
	asJSON, err := json.Marshal(now.Config.DBPassword)
	if err != nil {
		return err
	}
	dump := strings.Contains(fmt.Sprintf("%+v %#v", now, *now), first)
	say("   db_password as JSON: %s, in a full dump: %s", asJSON, yesNo(dump))
	say("   listening: %s", yesNo(listener != nil))

	say("3  reload while running")
	request := now.Config // a request takes its snapshot once
	if err := replace(file, `{"timeout_ms": 900}`); err != nil {
		return err
	}
	live.attempt("timeout_ms 900")
	say("   a request that began before still has %d", request.TimeoutMS)
	if err := os.WriteFile(file, []byte(`{"timeout_ms": 7`), private); err != nil {
		return err
	}
	live.attempt("file half written")
	if err := replace(file, `{"timeout_ms": 700, "port": 9000}`); err != nil {
		return err
	}
	live.attempt("700 and port 9000")
	if err := replace(file, `{"timeout_ms": 900}`); err != nil {
		return err
	}
	if err := replace(mounted, rotated+"\n"); err != nil {
		return err
	}
	live.attempt("secret rotated")
	inUse := live.current.Load().Config.DBPassword == Secret{rotated}
	say("   new password loaded: %s", yesNo(inUse))
	all := strings.Join(printed, "\n")
	leaked := strings.Contains(all, first) || strings.Contains(all, rotated)
	say("   a secret was printed: %s", yesNo(leaked))
	return nil
}

func main() {
	folder, err := os.MkdirTemp("", "config")
	if err != nil {
		log.Fatal(err)
	}
	err = run(folder)
	if err := errors.Join(err, os.RemoveAll(folder)); err != nil {
		log.Fatal(err)
	}
}
