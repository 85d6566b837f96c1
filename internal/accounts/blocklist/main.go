// Command blocklist makes the list of common passwords that package accounts
// refuses. It reads a JSON array of passwords. For each that is long enough to
// be checked, it writes the first five bytes of the SHA-256 of its lower case.
// They are sorted and follow one another:
//
//	go run ./internal/accounts/blocklist <passwords.json >internal/accounts/common.bin
//
// The list in the repository is made from src/passwords.json of the npm package
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

// The shortest password that package accounts can be told to accept, and how
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
