package accounts

import "context"

// ByLogin implements Store.
func (m *Memory) ByLogin(_ context.Context, tenant string, by Identity) (User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u, found := m.users[by.key(tenant)]
	if !found {
		return User{}, ErrNotFound
	}
	return u, nil
}

// Readdress implements Store.
func (m *Memory) Readdress(_ context.Context, u User, email string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := u.ThirdParty.key(u.Tenant)
	stored, found := m.users[k]
	if !found || stored.ID != u.ID || stored.Email != u.Email {
		return ErrNotFound
	}
	stored.Email = email
	m.users[k] = stored
	return nil
}
