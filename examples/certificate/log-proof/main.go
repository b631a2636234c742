// Command log-proof checks, with the packages that check Go's own modules, that the network's log holds a certificate.
//
//	go run . ../../../.mira/network.json answer.cert.json
//
// What it does not look at: signatures in the envelope and what it states (see check-envelope.sh and check.py).
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: log-proof network.json certificate.json")
		os.Exit(2)
	}
	index, size, err := check(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "REFUSED", err)
		os.Exit(1)
	}
	fmt.Printf("HOLDS entry %d of %d\n", index, size)
}

func check(networkFile, certificateFile string) (index, size int64, err error) {
	verifier, err := readVerifier(networkFile)
	if err != nil {
		return 0, 0, err
	}
	envelope, proof, err := readCertificate(certificateFile)
	if err != nil {
		return 0, 0, err
	}
	index, path, checkpoint, err := parseProof(proof)
	if err != nil {
		return 0, 0, err
	}
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	if err != nil {
		return 0, 0, fmt.Errorf("tlogProof.checkpoint: %w", err)
	}
	if len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != 0 {
		return 0, 0, errors.New("tlogProof.checkpoint: not the log's signature alone")
	}
	size, root, err := parseHead(opened.Text, verifier.Name())
	if err != nil {
		return 0, 0, err
	}
	if err := tlog.CheckRecord(path, size, root, index, tlog.RecordHash(envelope)); err != nil {
		return 0, 0, fmt.Errorf("tlogProof: the log does not hold this envelope there: %w", err)
	}
	return index, size, nil
}

// readVerifier makes the key of the log of certificates: that of the audit log, under the certificates' name.
func readVerifier(file string) (note.Verifier, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var network struct {
		NetworkID      string `json:"networkId"`
		LogVerifierKey string `json:"logVerifierKey"`
	}
	if err := json.Unmarshal(data, &network); err != nil {
		return nil, err
	}
	if _, err := note.NewVerifier(network.LogVerifierKey); err != nil {
		return nil, fmt.Errorf("network.json: %w", err)
	}
	_, encoded, _ := strings.Cut(strings.TrimPrefix(network.LogVerifierKey, network.NetworkID+"+"), "+")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) != 33 {
		return nil, errors.New("network.json: logVerifierKey is not of this network")
	}
	vkey, err := note.NewEd25519VerifierKey(network.NetworkID+"/certificates", key[1:])
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(vkey)
}

// readCertificate cuts the file: the envelope's exact bytes are what is logged.
func readCertificate(file string) (envelope []byte, proof string, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	lines := bytes.Split(data, []byte("\n"))
	if len(lines) != 5 || string(lines[0]) != "{" || string(lines[3]) != "}" || len(lines[4]) != 0 {
		return nil, "", errors.New("file: not a certificate")
	}
	envelope, isEnvelope := bytes.CutPrefix(lines[1], []byte(`"dsse":`))
	envelope, isFollowed := bytes.CutSuffix(envelope, []byte(","))
	text, isProof := bytes.CutPrefix(lines[2], []byte(`"tlogProof":`))
	if !isEnvelope || !isFollowed || !isProof {
		return nil, "", errors.New("file: not a certificate")
	}
	if err := json.Unmarshal(text, &proof); err != nil {
		return nil, "", fmt.Errorf("file: %w", err)
	}
	if string(text) != `"`+strings.ReplaceAll(proof, "\n", `\n`)+`"` {
		return nil, "", errors.New("file: the proof is written in another form")
	}
	return envelope, proof, nil
}

func parseProof(text string) (index int64, path tlog.RecordProof, checkpoint string, err error) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, nil, "", errors.New("tlogProof.header: not a tlog-proof@v1")
	}
	digits, isIndex := strings.CutPrefix(lines[1], "index ")
	index, err = strconv.ParseInt(digits, 10, 64)
	if !isIndex || err != nil || strconv.FormatInt(index, 10) != digits || index < 0 {
		return 0, nil, "", errors.New("tlogProof.index: not a plain decimal")
	}
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil || hash.String() != line {
			return 0, nil, "", errors.New("tlogProof.path: not canonical base64 of 32 bytes")
		}
		path = append(path, hash)
	}
	return index, path, checkpoint, nil
}

func parseHead(text, origin string) (size int64, root tlog.Hash, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		return 0, root, errors.New("tlogProof.checkpoint: another log's, or of another form")
	}
	if size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return 0, root, err
	}
	root, err = tlog.ParseHash(lines[2])
	return size, root, err
}
