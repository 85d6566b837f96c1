package token

import (
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

// KeySet is what tokens are checked against: the keys and the settings of one
// load of the store. It is immutable.
type KeySet struct {
	settings Settings
	keys     []verifyKey
	byID     map[string]*verifyKey
	byHeader map[string]*verifyKey // by the first segment of a token, as our own signer writes it
}

// verifyKey is one key that may verify until a certain instant.
type verifyKey struct {
	id        string
	algorithm Algorithm
	public    crypto.PublicKey
	jwk       json.RawMessage
	until     time.Time // zero means for ever
}

// NewKeySet returns the set of the keys that verify at now, each until its own
// end. It fails if a record is not sound, or if two have the same id: a set is
// whole or does not exist.
func NewKeySet(r Records, now time.Time, lifetime time.Duration) (*KeySet, error) {
	set := &KeySet{settings: r.Settings, byID: map[string]*verifyKey{}, byHeader: map[string]*verifyKey{}}
	for _, record := range Usable(r.Signing, now, lifetime) {
		until := horizon(r.Signing, record.Number, lifetime)
		if err := set.add(record, until); err != nil {
			return nil, err
		}
	}
	return set, nil
}

func (s *KeySet) add(record SigningKey, until time.Time) error {
	id, algorithm, public, err := ParseJWK(record.Public)
	switch {
	case err != nil:
		return fmt.Errorf("signing key %d: %w", record.Number, err)
	case id != record.ID || algorithm != record.Algorithm:
		return fmt.Errorf("token: signing key %d is not what its record says", record.Number)
	case s.byID[id] != nil:
		return fmt.Errorf("token: two signing keys have the id of key %d", record.Number)
	}
	key := &verifyKey{id: id, algorithm: algorithm, public: public, jwk: record.Public, until: until}
	s.keys = append(s.keys, *key)
	s.byID[id] = key
	s.byHeader[headerOf(algorithm, id)] = key
	return nil
}

// Settings returns the settings of the load.
func (s *KeySet) Settings() Settings { return s.settings }

// JWKS returns the keys as a JWK Set document (RFC 7517, section 5).
func (s *KeySet) JWKS() []byte {
	keys := make([]json.RawMessage, 0, len(s.keys))
	for _, k := range s.keys {
		keys = append(keys, k.jwk)
	}
	document, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil { // a parsed JWK is JSON
		return []byte(`{"keys":[]}`)
	}
	return document
}

// Algorithms returns the algorithms of the keys, each once.
func (s *KeySet) Algorithms() []Algorithm {
	var all []Algorithm
	for _, k := range s.keys {
		if !slices.Contains(all, k.algorithm) {
			all = append(all, k.algorithm)
		}
	}
	return all
}

// usable reports whether the key may still verify at now.
func (k *verifyKey) usable(now time.Time) bool { return before(now, k.until) }

// signed reports whether the key made the signature of the token. Any fault of
// the signature, even of its spelling, makes it false.
func (k *verifyKey) signed(p parts) bool {
	signature, err := decode64(p.signature)
	return err == nil && k.algorithm.method().Verify(p.signed, signature, k.public) == nil
}

// ParseJWKS reads a JWK Set of public keys as records that only verify, for
// ever. A bad key or a repeated id is an error.
func ParseJWKS(document []byte) ([]SigningKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := jsonv2.Unmarshal(document, &set, jsonv2.RejectUnknownMembers(true)); err != nil {
		return nil, errors.New("token: not a JWK Set")
	}
	if len(set.Keys) == 0 {
		return nil, errors.New("token: JWK Set without a key")
	}
	records := make([]SigningKey, len(set.Keys))
	for i, text := range set.Keys {
		id, algorithm, _, err := ParseJWK(text)
		if err != nil {
			return nil, fmt.Errorf("key %d of the JWK Set: %w", i+1, err)
		}
		records[i] = SigningKey{Number: i + 1, ID: id, Algorithm: algorithm, Public: text}
	}
	if _, err := NewKeySet(Records{Signing: records}, time.Time{}, 0); err != nil {
		return nil, err
	}
	return records, nil
}
