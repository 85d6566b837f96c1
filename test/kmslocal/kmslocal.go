// Package kmslocal stands in for AWS KMS in tests: it serves Encrypt and
// Decrypt of KMS's JSON protocol under symmetric keys of its own.
//
// What was encrypted is opened only under the same key and with the same
// encryption context, and what fails fails with KMS's own errors, in their
// form. It is no KMS: anyone who reaches it may use it, and it remembers every
// plaintext, so that a test can look for them where they must not be.
//
// Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html and
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html.
//
// Start with [New], and serve it with httptest.
package kmslocal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// maxPlaintext is the longest text that Encrypt takes, in bytes.
const maxPlaintext = 4096

// Server is an http.Handler with some keys. It is safe for concurrent use.
type Server struct {
	keys map[string]cipher.AEAD // by id

	mu         sync.Mutex
	plaintexts [][]byte
	refusals   int
}

// New returns a server with a new key of each given id. No other id exists.
func New(ids ...string) *Server {
	s := &Server{keys: map[string]cipher.AEAD{}}
	for _, id := range ids {
		var key [32]byte
		rand.Read(key[:])
		block, _ := aes.NewCipher(key[:])                   // fails for other lengths only
		s.keys[id], _ = cipher.NewGCMWithRandomNonce(block) // fails for other block sizes only
	}
	return s
}

// Refuse makes the next n calls fail as they do for a role that has no
// permission, or has got it a moment ago.
func (s *Server) Refuse(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals = n
}

// Plaintexts returns everything that was encrypted so far.
func (s *Server) Plaintexts() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.plaintexts)
}

// refused counts one refusal down, if any are left.
func (s *Server) refused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusals == 0 {
		return false
	}
	s.refusals--
	return true
}

// input is what both calls are given.
type input struct {
	KeyID             string            `json:"KeyId"`
	Plaintext         []byte            `json:"Plaintext"`
	CiphertextBlob    []byte            `json:"CiphertextBlob"`
	EncryptionContext map[string]string `json:"EncryptionContext"`
}

// bound is what is authenticated with a ciphertext: the context, whose order
// does not matter, and the key.
func (in input) bound(key string) []byte {
	context, _ := json.Marshal(in.EncryptionContext) // texts, in the order of their names
	return append([]byte(key+"\x00"), context...)
}

// fault is an error of KMS: its type, and words where KMS has some.
type fault struct{ kind, message string }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	out, failed := s.answer(r)
	if failed != nil {
		w.WriteHeader(http.StatusBadRequest)
		out = map[string]any{"__type": failed.kind}
		if failed.message != "" {
			out["message"] = failed.message
		}
	}
	json.NewEncoder(w).Encode(out)
}

func (s *Server) answer(r *http.Request) (map[string]any, *fault) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
		return nil, &fault{"MissingAuthenticationTokenException", "Missing Authentication Token"}
	}
	if s.refused() {
		return nil, &fault{"AccessDeniedException", "User is not authorized to perform this action because no identity-based policy allows it"}
	}
	var in input
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, &fault{"SerializationException", ""}
	}
	switch r.Header.Get("X-Amz-Target") {
	case "TrentService.Encrypt":
		return s.encrypt(in)
	case "TrentService.Decrypt":
		return s.decrypt(in)
	}
	return nil, &fault{"UnknownOperationException", ""}
}

func (s *Server) encrypt(in input) (map[string]any, *fault) {
	key, found := s.keys[in.KeyID]
	if !found {
		return nil, &fault{"NotFoundException", "Key '" + in.KeyID + "' does not exist"}
	}
	if len(in.Plaintext) == 0 || len(in.Plaintext) > maxPlaintext {
		return nil, &fault{"ValidationException", "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length between 1 and 4096"}
	}
	s.mu.Lock()
	s.plaintexts = append(s.plaintexts, bytes.Clone(in.Plaintext))
	s.mu.Unlock()
	// As with KMS, a ciphertext says which key it is of.
	blob := append([]byte(in.KeyID+"\x00"), key.Seal(nil, nil, in.Plaintext, in.bound(in.KeyID))...)
	return map[string]any{"CiphertextBlob": blob, "KeyId": in.KeyID, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}, nil
}

func (s *Server) decrypt(in input) (map[string]any, *fault) {
	if in.KeyID != "" && s.keys[in.KeyID] == nil {
		return nil, &fault{"NotFoundException", "Key '" + in.KeyID + "' does not exist"}
	}
	id, sealed, _ := bytes.Cut(in.CiphertextBlob, []byte{0})
	key, found := s.keys[string(id)]
	if !found {
		return nil, &fault{"InvalidCiphertextException", ""}
	}
	if in.KeyID != "" && in.KeyID != string(id) {
		return nil, &fault{"IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation."}
	}
	plaintext, err := key.Open(nil, nil, sealed, in.bound(string(id)))
	if err != nil {
		return nil, &fault{"InvalidCiphertextException", ""}
	}
	return map[string]any{"Plaintext": plaintext, "KeyId": string(id), "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}, nil
}
