// Negotiate a content coding, and read compressed request bodies within a limit.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"regexp"
	"strconv"
	"strings"
)

const limit = 65536 // bytes of a request body, counted after decompression

var (
	ours    = []string{"br", "gzip", "identity"} // what the server can send, best first
	quality = regexp.MustCompile(`^q=([01])(?:\.(\d{0,3}))?$`)
)

// weights are quality values as thousandths, by lower-case name.
func weights(accept string) map[string]int {
	found := map[string]int{}
	for member := range strings.SplitSeq(strings.ToLower(accept), ",") {
		name, parameter, given := strings.Cut(member, ";")
		if !given {
			parameter = "q=1"
		}
		name = strings.TrimSpace(name)
		parts := quality.FindStringSubmatch(strings.TrimSpace(parameter))
		if name == "" || parts == nil {
			continue
		}
		value, err := strconv.Atoi(parts[1] + (parts[2] + "000")[:3])
		if err == nil {
			found[name] = min(value, 1000)
		}
	}
	return found
}

// --8<-- [start:show]

// choose returns the coding to send, or "" if the client excludes all of ours.
func choose(accept *string) string {
	if accept == nil {
		return "identity" // anything is allowed; plain is what always works
	}
	asked := weights(*accept)
	best, bestWeight := "", 0
	for _, coding := range ours { // of equals the first wins: our own order
		weight, named := asked[coding]
		if !named {
			weight, named = asked["*"]
		}
		if !named && coding == "identity" {
			weight = 1 // acceptable unless excluded, but nobody asked for it
		}
		if weight > bestWeight {
			best, bestWeight = coding, weight
		}
	}
	return best
}

// readBody returns status and content; the limit holds for what comes out.
func readBody(coding string, wire []byte) (int, []byte) {
	var source io.Reader = bytes.NewReader(wire)
	switch coding {
	case "identity":
	case "gzip", "x-gzip":
		unpacker, err := gzip.NewReader(source)
		if err != nil {
			return 400, nil
		}
		source = unpacker
	default:
		return 415, nil // the answer carries Accept-Encoding: gzip
	}
	body, err := io.ReadAll(io.LimitReader(source, limit+1)) // never more than that
	switch {
	case err != nil:
		return 400, nil
	case len(body) > limit:
		return 413, nil
	}
	return 200, body
}

// --8<-- [end:show]

func zipped(data []byte) []byte {
	var out bytes.Buffer
	packer := gzip.NewWriter(&out)
	if _, err := packer.Write(data); err != nil {
		log.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		log.Fatal(err)
	}
	return out.Bytes()
}

func row(label, outcome string) {
	fmt.Printf("  %-26s%s\n", label, outcome)
}

func main() {
	fmt.Println("Accept-Encoding             response is sent as")
	row("(absent)", choose(nil))
	for _, accept := range []string{
		"",
		"gzip, br",
		"gzip;q=1.0, br;q=0.8",
		"GZIP;q=0.5, identity",
		"br;q=0, *;q=0.1",
		"zstd",
		"zstd, identity;q=0",
		"*;q=0",
	} {
		label, coding := accept, choose(&accept)
		if label == "" {
			label = "(empty)"
		}
		if coding == "" {
			coding = "406"
		}
		row(label, coding)
	}

	order := []byte(`{"item":"lamp","qty":2}`)
	packed := zipped(order)
	bomb := zipped(make([]byte, 10_000_000))
	fmt.Println("\nrequest body                   status")
	for _, request := range []struct {
		label, coding string
		wire          []byte
	}{
		{"gzip", "gzip", packed},
		{"gzip, cut off", "gzip", packed[:len(packed)-9]},
		{"gzip in name only", "gzip", order},
		{"gzip twice", "gzip, gzip", zipped(packed)},
		{"br, which we do not read", "br", order},
		{"identity, over the limit", "identity", make([]byte, limit+1)},
		{"gzip bomb", "gzip", bomb},
	} {
		status, body := readBody(request.coding, request.wire)
		line := fmt.Sprintf("  %-29s%d %s", request.label, status, body)
		fmt.Println(strings.TrimRight(line, " "))
	}
	small := "no"
	if len(bomb) < limit {
		small = "yes"
	}
	fmt.Println("the bomb itself is below the limit:", small)
}
