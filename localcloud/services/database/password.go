package database

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/store"
)

// admin is the user that every database has.
const admin = "ADMIN"

const usersTable = "database-users"

// iterations is PBKDF2's work factor: about 20 ms for one try.
const iterations = 100_000

// user is a database user and its schema.
type user struct {
	Name string `json:"name"`
	Salt []byte `json:"salt"`
	Hash []byte `json:"hash"`
	// Alias is the schema's name in URLs, empty while it is not REST-enabled.
	Alias string `json:"alias,omitempty"`
	// Session, Soda and Quota are what a schema needs to keep collections.
	Session bool `json:"session"`
	Soda    bool `json:"soda"`
	Quota   bool `json:"quota"`
}

// users keeps the users of all databases. Passwords are kept as salted hashes,
// and those that were right are remembered in memory, since a hash is slow on
// purpose.
type users struct {
	store *store.Store
	// key blinds the remembered passwords.
	key []byte

	mu    sync.Mutex
	right map[string][sha256.Size]byte
}

func newUsers(s *store.Store) *users {
	key := make([]byte, 32)
	rand.Read(key) // It never fails (crypto/rand).
	return &users{store: s, key: key, right: map[string][sha256.Size]byte{}}
}

func userKey(databaseID, name string) string { return databaseID + "/" + name }

func (u *users) get(databaseID, name string) (user, bool, error) {
	var found user
	ok, err := u.store.Get(usersTable, userKey(databaseID, name), &found)
	return found, ok, err
}

func (u *users) put(databaseID string, one user) error {
	return u.store.Put(usersTable, userKey(databaseID, one.Name), one)
}

// byAlias returns the user whose schema is REST-enabled under an alias.
func (u *users) byAlias(databaseID, alias string) (user, bool, error) {
	var found user
	err := u.store.Scan(usersTable, userKey(databaseID, ""), func(_ string, raw json.RawMessage) error {
		var one user
		if err := json.Unmarshal(raw, &one); err != nil {
			return err
		}
		if one.Alias == alias {
			found = one
		}
		return nil
	})
	return found, found.Alias != "", err
}

// setPassword hashes a new password into the user.
func (one *user) setPassword(password string) error {
	one.Salt = make([]byte, 16)
	rand.Read(one.Salt) // It never fails (crypto/rand).
	hash, err := pbkdf2.Key(sha256.New, password, one.Salt, iterations, sha256.Size)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	one.Hash = hash
	return nil
}

// verify reports whether the password is the user's.
func (u *users) verify(databaseID string, one user, password string) (bool, error) {
	mac := hmac.New(sha256.New, u.key)
	mac.Write(one.Salt)
	mac.Write(one.Hash)
	mac.Write([]byte(password))
	blinded := [sha256.Size]byte(mac.Sum(nil))
	key := userKey(databaseID, one.Name)
	u.mu.Lock()
	known, remembered := u.right[key]
	u.mu.Unlock()
	if remembered && hmac.Equal(known[:], blinded[:]) {
		return true, nil
	}
	hash, err := pbkdf2.Key(sha256.New, password, one.Salt, iterations, sha256.Size)
	if err != nil {
		return false, fmt.Errorf("hash password: %w", err)
	}
	if !hmac.Equal(hash, one.Hash) {
		return false, nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.right[key] = blinded
	return true, nil
}

// setAdmin gives ADMIN its password.
func (u *users) setAdmin(databaseID, password string) error {
	one := user{Name: admin, Alias: strings.ToLower(admin), Session: true, Soda: true, Quota: true}
	if err := one.setPassword(password); err != nil {
		return err
	}
	return u.put(databaseID, one)
}

// remove deletes the users of a database.
func (u *users) remove(databaseID string) error {
	return u.store.DeletePrefix(usersTable, userKey(databaseID, ""))
}

// checkComplexity follows the rules of CreateAutonomousDatabaseDetails.adminPassword.
func checkComplexity(name, password string) error {
	var upper, lower, digit bool
	for _, r := range password {
		upper, lower, digit = upper || unicode.IsUpper(r), lower || unicode.IsLower(r), digit || unicode.IsDigit(r)
	}
	switch n := len([]rune(password)); {
	case n < 12 || n > 30:
		return api.InvalidParameter("The password of %s must have 12 to 30 characters, it has %d.", name, n)
	case !upper || !lower || !digit:
		return api.InvalidParameter("The password of %s must have at least one uppercase letter, one lowercase letter and one digit.", name)
	case strings.Contains(password, `"`):
		return api.InvalidParameter("The password of %s must not contain a double quotation mark.", name)
	case strings.Contains(strings.ToLower(password), strings.ToLower(name)):
		return api.InvalidParameter("The password of %s must not contain the user name.", name)
	}
	return nil
}
