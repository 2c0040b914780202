// Decode and encode Protocol Buffers by hand, to see what a change of schema does.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
)

// Wire types.
const (
	Varint = 0
	I64    = 1
	Len    = 2
	I32    = 5
)

var fixedSize = map[int]uint64{I64: 8, I32: 4}

var errVarint = errors.New("broken or cut off in a number")

// Field is int32, int64, sint32 or string.
type Field struct{ Name, Kind string }

func (f Field) wire() int {
	if f.Kind == "string" {
		return Len
	}
	return Varint
}

func (f Field) zero() any {
	if f.Kind == "string" {
		return ""
	}
	return int64(0)
}

func (f Field) parse(raw RawField) any {
	switch f.Kind {
	case "string":
		return string(raw.Payload)
	case "int64":
		return int64(raw.Number64)
	case "sint32": // zigzag: 0, -1, 1, -2, ...
		return int64(int32(raw.Number64>>1) ^ -int32(raw.Number64&1))
	default:
		return int64(int32(raw.Number64))
	}
}

func (f Field) dump(out []byte, value any) []byte {
	switch value := value.(type) {
	case string:
		out = binary.AppendUvarint(out, uint64(len(value)))
		return append(out, value...)
	case int64:
		if f.Kind == "sint32" {
			return binary.AppendVarint(out, value)
		}
		return binary.AppendUvarint(out, uint64(value)) // negative: two's complement
	default:
		panic(fmt.Sprintf("no field can hold %T", value))
	}
}

// Schema is the fields by number, as in a .proto file.
type Schema map[int]Field

// Reserve refuses a schema that declares one of the numbers.
func (s Schema) Reserve(numbers ...int) (Schema, error) {
	for _, number := range numbers {
		if _, found := s[number]; found {
			return nil, fmt.Errorf("number %d is reserved", number)
		}
	}
	return s, nil
}

// Message has the values by name and, as they came, the fields it does not know.
type Message struct {
	Values  map[string]any
	Unknown []byte
}

// RawField is a field without its meaning.
type RawField struct {
	Number, Wire int
	Number64     uint64 // of a varint
	Payload      []byte // of the other wire types
	Bytes        []byte // tag and value
}

// --8<-- [start:show]

// next splits the first field off a message. No schema is needed: the tag says
// how long a value is.
func next(data []byte) (field RawField, rest []byte, err error) {
	tag, at := binary.Uvarint(data) // seven bits a byte, lowest first
	if at <= 0 {
		return field, nil, errVarint
	}
	field.Number, field.Wire = int(tag>>3), int(tag&7)
	size, fixed := fixedSize[field.Wire]
	switch {
	case field.Wire == Varint || field.Wire == Len:
		number, n := binary.Uvarint(data[at:])
		if n <= 0 {
			return field, nil, errVarint
		}
		field.Number64, at = number, at+n
		if field.Wire == Len {
			size = number
		}
	case !fixed:
		return field, nil, fmt.Errorf("wire type %d is not in use", field.Wire)
	}
	if size > uint64(len(data)-at) || field.Number == 0 {
		return field, nil, fmt.Errorf("broken or cut off in field %d", field.Number)
	}
	end := at + int(size)
	field.Payload, field.Bytes = data[at:end], data[:end]
	return field, data[end:], nil
}

func decode(data []byte, schema Schema) (Message, error) {
	message := Message{Values: map[string]any{}}
	for _, known := range schema {
		message.Values[known.Name] = known.zero()
	}
	for len(data) > 0 {
		raw, rest, err := next(data)
		if err != nil {
			return Message{}, err
		}
		known, found := schema[raw.Number]
		if found && known.wire() == raw.Wire {
			message.Values[known.Name] = known.parse(raw)
		} else { // neither an error nor lost
			message.Unknown = append(message.Unknown, raw.Bytes...)
		}
		data = rest
	}
	return message, nil
}

// --8<-- [end:show]

func encode(message Message, schema Schema) []byte {
	var out []byte
	for _, number := range slices.Sorted(maps.Keys(schema)) {
		known := schema[number]
		value := message.Values[known.Name]
		if value != known.zero() { // without optional, zero and empty are not sent
			out = binary.AppendUvarint(out, uint64(number<<3|known.wire()))
			out = known.dump(out, value)
		}
	}
	return append(out, message.Unknown...)
}

var (
	sku      = Field{"sku", "string"}
	quantity = Field{"quantity", "int32"}
	note     = Field{"note", "string"}
	shelf    = Field{"shelf", "string"}
	v1       = Schema{1: sku, 2: quantity, 3: note}
	v2       = Schema{1: sku, 2: quantity, 3: note, 4: shelf}
)

func quoted(value any) string {
	if text, isText := value.(string); isText {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(value)
}

// text lists the values in the order of the schema's numbers.
func text(message Message, schema Schema) (string, error) {
	var parts []string
	for _, number := range slices.Sorted(maps.Keys(schema)) {
		name := schema[number].Name
		parts = append(parts, name+"="+quoted(message.Values[name]))
	}
	for data := message.Unknown; len(data) > 0; {
		raw, rest, err := next(data)
		if err != nil {
			return "", err
		}
		value := any(raw.Number64)
		if raw.Wire != Varint {
			value = string(raw.Payload)
		}
		parts = append(parts, fmt.Sprintf("unknown %d=%s", raw.Number, quoted(value)))
		data = rest
	}
	return strings.Join(parts, " "), nil
}

func line(label string, value any) { fmt.Printf("%-25s%v\n", label, value) }

// read prints what a reader with this schema makes of the bytes.
func read(label string, data []byte, schema Schema) (Message, error) {
	message, err := decode(data, schema)
	if err != nil {
		return Message{}, fmt.Errorf("%s: %w", label, err)
	}
	described, err := text(message, schema)
	if err != nil {
		return Message{}, fmt.Errorf("%s: %w", label, err)
	}
	line(label, described)
	return message, nil
}

func unknownFields() ([]byte, error) {
	item := Message{Values: map[string]any{
		"sku": "PEN-1", "quantity": int64(150), "note": "gift",
	}}
	old := encode(item, v1)
	line(fmt.Sprintf("v1 writes %d bytes", len(old)), fmt.Sprintf("% x", old))
	if _, err := read("v1 reads them", old, v1); err != nil {
		return nil, err
	}

	item.Values["shelf"] = "B7"
	fmt.Println("v2 adds shelf = 4")
	if _, err := read("  v2 reads v1", old, v2); err != nil {
		return nil, err
	}
	seen, err := read("  v1 reads v2", encode(item, v2), v1)
	if err != nil {
		return nil, err
	}
	seen.Values["quantity"] = int64(149)
	if _, err := read("  v1 edits, v2 reads", encode(seen, v1), v2); err != nil {
		return nil, err
	}
	seen.Unknown = nil
	_, err = read("  copied field by field", encode(seen, v1), v2)
	return old, err
}

func removedField(old []byte) error {
	fmt.Println("v3 removes note, reserves 3")
	v3, err := Schema{1: sku, 2: quantity, 4: shelf}.Reserve(3)
	if err != nil {
		return err
	}
	if _, err := read("  v3 reads v1", old, v3); err != nil {
		return err
	}
	if _, err := (Schema{1: sku, 3: {"supplier", "string"}}).Reserve(3); err != nil {
		line("  supplier = 3 declared", fmt.Sprintf("refused: %v", err))
	}

	fmt.Println("3 is reused, not reserved")
	for _, reused := range []Field{{"supplier", "string"}, {"discount", "int64"}} {
		label := fmt.Sprintf("  %s %s", reused.Kind, reused.Name)
		if _, err := read(label, old, Schema{1: sku, 3: reused}); err != nil {
			return err
		}
	}
	return nil
}

func changedType(old []byte) error {
	fmt.Println("the type of 2 changes")
	for _, kind := range []string{"int64", "sint32"} {
		retyped := Schema{1: sku, 2: {"quantity", kind}, 3: note}
		if _, err := read("  int32 to "+kind, old, retyped); err != nil {
			return err
		}
	}
	wide := Schema{2: {"quantity", "int64"}}
	big := encode(Message{Values: map[string]any{"quantity": int64(1<<32 + 7)}}, wide)
	narrow := Schema{2: quantity}
	if _, err := read("  int64 to int32, 2^32+7", big, narrow); err != nil {
		return err
	}
	for _, kind := range []string{"int32", "sint32"} {
		minus := Message{Values: map[string]any{"n": int64(-1)}}
		line("  -1 as "+kind, fmt.Sprintf("% x", encode(minus, Schema{2: {"n", kind}})))
	}

	if _, err := decode(old[:len(old)-1], v1); err != nil {
		line("one byte is missing", err)
	}
	return nil
}

func main() {
	old, err := unknownFields()
	if err == nil {
		err = removedField(old)
	}
	if err == nil {
		err = changedType(old)
	}
	if err != nil {
		log.Fatal(err)
	}
}
