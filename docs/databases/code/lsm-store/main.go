// A log-structured merge store: WAL, memtable, SSTables, Bloom filter, compaction.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

const (
	tombstone = 0xFFFFFFFF // in place of the value's length: "deleted here"
	every     = 16         // records in a block: one index entry each
)

// Value is a string or, with deleted set, a tombstone.
type Value struct {
	text    string
	deleted bool
}

type Record struct {
	key string
	Value
}

func encode(r Record) []byte {
	length := uint32(len(r.text))
	if r.deleted {
		length = tombstone
	}
	body := binary.LittleEndian.AppendUint32(nil, uint32(len(r.key)))
	body = binary.LittleEndian.AppendUint32(body, length)
	body = append(append(body, r.key...), r.text...)
	return append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(body)), body...)
}

func encodeAll(records []Record) []byte {
	var data []byte
	for _, r := range records {
		data = append(data, encode(r)...)
	}
	return data
}

// next decodes the first record and says where it ends; ok is false if it is
// torn or damaged.
func next(data []byte) (r Record, end int, ok bool) {
	if len(data) < 12 {
		return r, 0, false
	}
	crc := binary.LittleEndian.Uint32(data)
	klen := uint64(binary.LittleEndian.Uint32(data[4:]))
	vlen := uint64(binary.LittleEndian.Uint32(data[8:]))
	if r.deleted = vlen == tombstone; r.deleted {
		vlen = 0
	}
	size := 12 + klen + vlen
	if size > uint64(len(data)) || crc != crc32.ChecksumIEEE(data[4:size]) {
		return r, 0, false
	}
	r.key, r.text = string(data[12:12+klen]), string(data[12+klen:size])
	return r, int(size), true
}

// writeDurably is whole or not at all: write aside, fsync, rename, fsync the folder.
func writeDurably(path string, data []byte) error {
	aside := path + ".tmp"
	file, err := os.Create(aside)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(aside, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes new names in a folder durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// filter has 4,096 bits, of which each key sets four.
type filter [512]byte

func probes(key string) [4]uint16 {
	sum := sha256.Sum256([]byte(key))
	var at [4]uint16
	for i := range at {
		at[i] = binary.BigEndian.Uint16(sum[2*i:]) % 4096
	}
	return at
}

func (f *filter) add(key string) {
	for _, at := range probes(key) {
		f[at>>3] |= 1 << (at & 7)
	}
}

func (f *filter) mayContain(key string) bool {
	for _, at := range probes(key) {
		if f[at>>3]>>(at&7)&1 == 0 {
			return false
		}
	}
	return true
}

type block struct {
	firstKey   string
	begin, end int64
}

// Table is an SSTable: sorted and never changed. Index and filter stay in memory;
// a real engine stores them in the file instead of scanning it at the start.
type Table struct {
	path              string
	count, tombstones int
	blocks            []block
	filter
}

func openTable(path string) (*Table, error) {
	records, err := (&Table{path: path}).scan()
	if err != nil {
		return nil, err
	}
	t := &Table{path: path, count: len(records)}
	end := int64(0)
	for n, r := range records {
		if n%every == 0 {
			t.blocks = append(t.blocks, block{firstKey: r.key, begin: end})
		}
		end += int64(len(encode(r)))
		t.blocks[len(t.blocks)-1].end = end
		t.add(r.key)
		if r.deleted {
			t.tombstones++
		}
	}
	return t, nil
}

// readBlock reads the only block that can hold the key.
func (t *Table) readBlock(key string) (value Value, found bool, err error) {
	above := sort.Search(len(t.blocks), func(i int) bool { return t.blocks[i].firstKey > key })
	if above == 0 {
		return value, false, nil
	}
	at := t.blocks[above-1]
	file, err := os.Open(t.path)
	if err != nil {
		return value, false, err
	}
	data := make([]byte, at.end-at.begin)
	_, err = file.ReadAt(data, at.begin)
	if err = errors.Join(err, file.Close()); err != nil {
		return value, false, err
	}
	for {
		r, size, ok := next(data)
		if !ok {
			return value, false, nil
		}
		if r.key == key {
			return r.Value, true, nil
		}
		data = data[size:]
	}
}

func (t *Table) scan() ([]Record, error) {
	data, err := os.ReadFile(t.path)
	if err != nil {
		return nil, err
	}
	var records []Record
	for {
		r, size, ok := next(data)
		if !ok {
			return records, nil
		}
		records, data = append(records, r), data[size:]
	}
}

type Store struct {
	folder                     string
	limit, number              int
	asked, skipped, blockReads int
	replayed, torn, removed    int
	tables                     []*Table // newest first
	memtable                   map[string]Value
	wal                        *os.File
}

func open(folder string) (*Store, error) {
	s := &Store{folder: folder, limit: 250, memtable: map[string]Value{}}
	manifest, err := os.ReadFile(filepath.Join(folder, "MANIFEST"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	names := strings.Fields(string(manifest))
	for _, name := range names {
		table, err := openTable(filepath.Join(folder, name))
		if err != nil {
			return nil, err
		}
		s.tables = append(s.tables, table)
		var number int
		if _, err := fmt.Sscanf(name, "%06d.sst", &number); err != nil {
			return nil, err
		}
		s.number = max(s.number, number)
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.sst"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths { // a crash came before or after the manifest changed
		if slices.Contains(names, filepath.Base(path)) {
			continue
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
		s.removed++
	}
	return s, s.replay()
}

func (s *Store) replay() error {
	path := filepath.Join(s.folder, "wal")
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	whole := int64(0)
	rest := data
	for {
		r, size, ok := next(rest)
		if !ok {
			break
		}
		s.memtable[r.key] = r.Value
		s.replayed++
		whole, rest = whole+int64(size), rest[size:]
	}
	s.torn = len(rest)
	if s.wal, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	return errors.Join(syncFolder(s.folder), s.wal.Truncate(whole))
}

// --8<-- [start:show]

// Write logs first, with one fsync for the batch, then fills the memtable.
// After an error close the store and open it again.
func (s *Store) Write(batch []Record) error {
	if _, err := s.wal.Write(encodeAll(batch)); err != nil {
		return err
	}
	if err := s.wal.Sync(); err != nil {
		return err
	}
	for _, r := range batch { // from here on the batch survives a crash
		s.memtable[r.key] = r.Value
	}
	if len(s.memtable) >= s.limit {
		return s.Flush()
	}
	return nil
}

func (s *Store) Get(key string) (Value, error) {
	if value, ok := s.memtable[key]; ok {
		return value, nil
	}
	for _, table := range s.tables { // the newest that knows the key decides
		s.asked++
		if !table.mayContain(key) {
			s.skipped++
			continue
		}
		s.blockReads++
		if value, found, err := table.readBlock(key); found || err != nil {
			return value, err // perhaps a tombstone: look no further
		}
	}
	return Value{deleted: true}, nil
}

// Flush turns the memtable into a new table; only then may the log be emptied.
func (s *Store) Flush() error {
	var records []Record
	for _, key := range slices.Sorted(maps.Keys(s.memtable)) {
		records = append(records, Record{key, s.memtable[key]})
	}
	if err := s.replaceNewest(0, records); err != nil {
		return err
	}
	clear(s.memtable)
	return s.wal.Truncate(0)
}

// Compact merges the newest tables into one; of each key the newest record
// stays. Dropping tombstones is safe only if no older table is left beneath.
func (s *Store) Compact(count int, dropTombstones bool) error {
	runs := make([][]Record, count)
	for age, table := range s.tables[:count] {
		records, err := table.scan()
		if err != nil {
			return err
		}
		runs[age] = records
	}
	var merged []Record
	for r, ok := takeLeast(runs); ok; r, ok = takeLeast(runs) {
		if !r.deleted || !dropTombstones {
			merged = append(merged, r)
		}
	}
	return s.replaceNewest(count, merged)
}

// --8<-- [end:show]

// takeLeast removes the least key from all runs; the first run, the newest, wins.
func takeLeast(runs [][]Record) (least Record, ok bool) {
	for _, run := range runs {
		if len(run) > 0 && (!ok || run[0].key < least.key) {
			least, ok = run[0], true
		}
	}
	for i, run := range runs {
		if len(run) > 0 && run[0].key == least.key {
			runs[i] = run[1:]
		}
	}
	return least, ok
}

// replaceNewest writes a table that takes the place of the newest ones. One
// rename moves the store from the old list of tables to the new one.
func (s *Store) replaceNewest(count int, records []Record) error {
	s.number++
	path := filepath.Join(s.folder, fmt.Sprintf("%06d.sst", s.number))
	if err := writeDurably(path, encodeAll(records)); err != nil {
		return err
	}
	table, err := openTable(path)
	if err != nil {
		return err
	}
	old := s.tables[:count]
	tables := append([]*Table{table}, s.tables[count:]...)
	var names bytes.Buffer
	for _, t := range tables {
		fmt.Fprintln(&names, filepath.Base(t.path))
	}
	manifest := filepath.Join(s.folder, "MANIFEST")
	if err := writeDurably(manifest, names.Bytes()); err != nil {
		return err
	}
	s.tables = tables
	for _, t := range old {
		if err := os.Remove(t.path); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) String() string {
	records, tombstones := 0, 0
	for _, table := range s.tables {
		records, tombstones = records+table.count, tombstones+table.tombstones
	}
	return fmt.Sprintf("tables %d, records %d, tombstones %d",
		len(s.tables), records, tombstones)
}

// must ends the demonstration at the first error.
func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func shown(s *Store, keys ...string) string {
	var parts []string
	for _, key := range keys {
		value := must(s.Get(key))
		if value.deleted {
			value.text = "none"
		}
		parts = append(parts, key+" "+value.text)
	}
	return strings.Join(parts, ", ")
}

func user(n int) string { return fmt.Sprintf("user:%04d", n) }

func put(key, text string) Record { return Record{key, Value{text: text}} }

func remove(key string) Record { return Record{key, Value{deleted: true}} }

// someUsers makes records, or keys, of numbers from first up to last.
func someUsers[T any](first, last int, make func(n int) T) []T {
	var all []T
	for n := first; n < last; n++ {
		all = append(all, make(n))
	}
	return all
}

func crashAndRecover(folder string) {
	s := must(open(folder))
	check(s.Write([]Record{put("a", "1"), put("b", "2")}))
	check(s.Write([]Record{put("a", "3")}))
	check(s.Write([]Record{remove("b")}))
	// The crash tears an unfinished write, and the memtable is gone.
	must(s.wal.Write(encode(put("c", "4"))[:9]))
	check(s.wal.Close())
	s = must(open(folder))
	fmt.Printf("after the crash: %d records replayed, %d bytes cut\n", s.replayed, s.torn)
	fmt.Println("  " + shown(s, "a", "b", "c"))
	check(s.wal.Close())
}

func readCost(s *Store, label string, keys []string) {
	s.asked, s.skipped, s.blockReads = 0, 0, 0
	found := 0
	for _, key := range keys {
		if !must(s.Get(key)).deleted {
			found++
		}
	}
	fmt.Printf("%-22s%6d%8d%9d%8d\n", label, found, s.asked, s.skipped, s.blockReads)
}

func tablesAndTombstones(folder string) {
	s := must(open(folder))
	for first := 0; first < 1000; first += 125 {
		check(s.Write(someUsers(first, first+125, func(n int) Record {
			return put(user(n*7%1000), fmt.Sprintf("v1-%d", n))
		})))
	}
	fmt.Printf("\n1,000 users written: %v\n", s)
	fmt.Println("reads                  found   asked  skipped  blocks")
	readCost(s, "1 key, oldest table", []string{user(0)})
	readCost(s, "1,000 present keys", someUsers(0, 1000, user))
	readCost(s, "1,000 absent keys", someUsers(0, 1000, func(n int) string {
		return user(n) + "x"
	}))

	check(s.Write(someUsers(0, 200, func(n int) Record {
		return put(user(n), fmt.Sprintf("v2-%d", n))
	})))
	check(s.Write(someUsers(100, 150, func(n int) Record { return remove(user(n)) })))
	check(s.Flush())
	fmt.Printf("\n200 updated, 50 of them deleted: %v\n", s)
	fmt.Printf("%s, hidden by a tombstone\n", shown(s, user(100)))
	check(s.wal.Close())

	folderCopy := must(os.MkdirTemp("", "lsm"))
	check(os.CopyFS(folderCopy, os.DirFS(folder)))
	wrong := must(open(folderCopy))
	check(wrong.Compact(2, true))
	back := 0
	for n := 100; n < 150; n++ {
		if !must(wrong.Get(user(n))).deleted {
			back++
		}
	}
	fmt.Printf("2 newest merged, tombstones dropped too early: %d users are back\n", back)
	check(wrong.wal.Close())
	check(os.RemoveAll(folderCopy))

	s = must(open(folder))
	check(s.Compact(2, false))
	fmt.Printf("2 newest merged, tombstones kept: %v\n", s)
	check(s.Compact(len(s.tables), true))
	fmt.Printf("all merged: %v\n", s)
	check(s.wal.Close())
	stray := filepath.Join(folder, "000099.sst") // a crash left it
	check(writeDurably(stray, encode(put(user(100), "v1"))))
	s = must(open(folder))
	fmt.Printf("reopened: %d stray table removed, %v\n", s.removed, s)
	fmt.Println(shown(s, user(100), user(99)))
	check(s.wal.Close())
}

func main() {
	for _, scene := range []func(string){crashAndRecover, tablesAndTombstones} {
		folder := must(os.MkdirTemp("", "lsm"))
		scene(folder)
		check(os.RemoveAll(folder))
	}
}
