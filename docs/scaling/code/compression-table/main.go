// Compress the same orders in several ways and print only what is certain.
package main

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"log"
	"strings"
)

var cities = []string{
	"Oslo", "Lima", "Pune", "Kyiv", "Accra", "Quito", "Turin", "Osaka",
}

// numbers is the same generator in every language; the high bits are the good ones.
func numbers(seed uint64) func() int {
	return func() int {
		seed = (seed*1103515245 + 12345) % (1 << 31)
		return int(seed >> 16)
	}
}

func orders(count int) []string {
	draw := numbers(7)
	rows := make([]string, 0, count)
	for n := range count {
		city := cities[draw()%8]
		status := "open"
		if draw()%4 != 0 {
			status = "paid"
		}
		rows = append(rows, fmt.Sprintf(
			`{"id":%d,"city":"%s","status":"%s","totalCents":%d,"currency":"EUR"}`,
			100000+n, city, status, draw()))
	}
	return rows
}

// --8<-- [start:show]

type wrapper int

const (
	gzipped wrapper = iota
	zlibbed
	raw
)

func packed(data []byte, wrap wrapper, level int, known []byte) []byte {
	var out bytes.Buffer
	var packer io.WriteCloser
	var err error
	switch wrap {
	case gzipped:
		packer, err = gzip.NewWriterLevel(&out, level)
	case zlibbed:
		packer, err = zlib.NewWriterLevel(&out, level)
	default:
		packer, err = flate.NewWriterDict(&out, level, known)
	}
	check(err)
	_, err = packer.Write(data)
	check(err)
	check(packer.Close())
	return out.Bytes()
}

func oneByOne(rows []string) int {
	return withDictionary(rows, nil)
}

func withDictionary(rows []string, known []byte) int {
	total := 0
	for _, row := range rows {
		total += len(packed([]byte(row), raw, 9, known))
	}
	return total
}

// --8<-- [end:show]

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func gunzipped(data []byte) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	check(err)
	body, err := io.ReadAll(reader)
	check(err)
	return body
}

func inflated(data, known []byte) []byte {
	body, err := io.ReadAll(flate.NewReaderDict(bytes.NewReader(data), known))
	check(err)
	return body
}

func say(claim string, holds bool) {
	answer := "no"
	if holds {
		answer = "yes"
	}
	fmt.Printf("  %-58s%s\n", claim, answer)
}

func main() {
	rows := orders(500)
	body := []byte("[" + strings.Join(rows, ",") + "]")
	size := func(wrap wrapper, level int) int {
		return len(packed(body, wrap, level, nil))
	}
	bare := packed(body, raw, 6, nil)
	zipped := packed(body, gzipped, 6, nil)
	fmt.Printf("500 orders, %d bytes of JSON\n", len(body))
	say("gzip comes back byte for byte", bytes.Equal(gunzipped(zipped), body))
	say("gzip is less than a fifth", len(zipped)*5 < len(body))
	say("level 9 is not larger than level 1", size(gzipped, 9) <= size(gzipped, 1))

	fmt.Println("one algorithm, three wrappers")
	say("zlib ('deflate' in HTTP) is raw + 6", size(zlibbed, 6) == len(bare)+6)
	say("gzip is raw + 18", len(zipped) == len(bare)+18)
	say("the bytes between the wrappers are the same",
		bytes.Equal(zipped[10:len(zipped)-8], bare))

	fmt.Println("bodies to leave alone")
	tiny := []byte("{\"id\":42,\"ok\":true}\n")
	noise := make([]byte, 20000)
	draw := numbers(7)
	for n := range noise {
		noise[n] = byte(draw() % 256)
	}
	packedNoise := len(packed(noise, gzipped, 6, nil))
	say("20 bytes grow", len(packed(tiny, gzipped, 6, nil)) > len(tiny))
	say("20000 random bytes grow", packedNoise > len(noise))
	say("by less than 1 percent", packedNoise*100 < len(noise)*101)

	fmt.Println("the same rows, one compression each")
	alone := oneByOne(rows)
	known := []byte(strings.Join(orders(20), ","))
	shared := withDictionary(rows[20:], known)
	back := inflated(packed([]byte(rows[99]), raw, 9, known), known)
	say("together they take less than a third of that", len(bare)*3 < alone)
	say("20 known rows as a dictionary: less than half", shared*2 < alone)
	say("and a row comes back with the dictionary", string(back) == rows[99])

	fmt.Println("a secret beside reflected text, guessed through the size")
	right, wrong := guess("SAMPLE7Q2K9X"), guess("SAMPLEW4JH8V")
	say("the right guess gives the shorter response", right < wrong)
}

func guess(token string) int {
	page := fmt.Sprintf(
		`{"token":"SAMPLE7Q2K9X","echo":"no hits for \"token\":\"%s"}`, token)
	return len(packed([]byte(page), gzipped, 9, nil))
}
