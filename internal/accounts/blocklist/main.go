// Command blocklist makes the list of common passwords that package accounts
// refuses. It reads a JSON array of passwords and writes, sorted and one after
// another, the first five bytes of the SHA-256 of each that is long enough to
// be asked for, in lower case:
//
//	go run ./internal/accounts/blocklist <passwords.json >internal/accounts/common.bin
//
// The list in the repository is made of src/passwords.json of the npm package
// @zxcvbn-ts/language-common 4.1.3; see NOTICE.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// The shortest password that package accounts can be told to take, and how
// many bytes of each digest it compares.
const (
	shortest = 8
	width    = 5
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "blocklist:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var passwords []string
	if err := json.NewDecoder(in).Decode(&passwords); err != nil {
		return fmt.Errorf("reading the passwords: %w", err)
	}
	var digests [][]byte
	for _, p := range passwords {
		if utf8.RuneCountInString(p) >= shortest {
			sum := sha256.Sum256([]byte(strings.ToLower(p)))
			digests = append(digests, sum[:width])
		}
	}
	slices.SortFunc(digests, bytes.Compare)
	digests = slices.CompactFunc(digests, bytes.Equal)
	_, err := out.Write(bytes.Join(digests, nil))
	return err
}
