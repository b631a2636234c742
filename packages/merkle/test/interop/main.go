// Checks a log written by packages/merkle with golang.org/x/mod/sumdb, and signs a note for the other direction.
//
// Usage: interop <directory>. The directory holds vkey, checkpoint, old-checkpoint, proofs.json and the tile files.
// Prints one JSON object: {"vkey": ..., "note": ...} signed by a key made here. Exits 1 at the first disagreement.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proofs struct {
	Entries     [][]byte   `json:"entries"`
	Inclusion   [][][]byte `json:"inclusion"`
	Consistency [][]byte   `json:"consistency"`
}

// tileReader maps Go's tile/8/<L>/<N> to the tile/<L>/<N> of C2SP.
type tileReader struct{ dir string }

func (r tileReader) Height() int { return 8 }

func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(r.dir, path))
		if err != nil {
			return nil, err
		}
		out[i] = data
	}
	return out, nil
}

func main() {
	dir := os.Args[1]
	vkey := string(read(dir, "vkey"))
	size, root := openCheckpoint(read(dir, "checkpoint"), vkey)
	oldSize, oldRoot := openCheckpoint(read(dir, "old-checkpoint"), vkey)

	flipped := bytes.Replace(read(dir, "checkpoint"), []byte(fmt.Sprint(size)), []byte(fmt.Sprint(size+1)), 1)
	if _, err := note.Open(flipped, verifiers(vkey)); err == nil {
		fail("a changed checkpoint was accepted")
	}

	var p proofs
	check(json.Unmarshal(read(dir, "proofs.json"), &p))
	for i, path := range p.Inclusion {
		check(tlog.CheckRecord(hashes(path), size, root, int64(i), tlog.RecordHash(p.Entries[i])))
	}
	check(tlog.CheckTree(hashes(p.Consistency), size, root, oldSize, oldRoot))

	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tileReader{dir})
	for i := int64(0); i < size; i++ {
		got, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		check(err)
		if got[0] != tlog.RecordHash(p.Entries[i]) {
			fail(fmt.Sprintf("tile hash of leaf %d differs", i))
		}
	}
	old, err := tlog.TreeHash(oldSize, reader)
	check(err)
	if old != oldRoot {
		fail("the tiles give another root for the old size")
	}

	signBack()
}

func openCheckpoint(msg []byte, vkey string) (int64, tlog.Hash) {
	opened, err := note.Open(msg, verifiers(vkey))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	return size, root
}

func signBack() {
	skey, vkey, err := note.GenerateKey(rand.Reader, "go.example/log")
	check(err)
	signer, err := note.NewSigner(skey)
	check(err)
	text := "go.example/log\n1\n" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n"
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(map[string]string{"vkey": vkey, "note": string(signed)}))
}

func verifiers(vkey string) note.Verifiers {
	v, err := note.NewVerifier(vkey)
	check(err)
	return note.VerifierList(v)
}

func hashes(path [][]byte) []tlog.Hash {
	out := make([]tlog.Hash, len(path))
	for i, b := range path {
		copy(out[i][:], b)
	}
	return out
}

func read(dir, name string) []byte {
	data, err := os.ReadFile(filepath.Join(dir, name))
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "interop:", message)
	os.Exit(1)
}
