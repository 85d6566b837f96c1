package accounts

import "context"

// List implements Store.
func (m *Memory) List(_ context.Context, tenant string, after Place, limit int) ([]Listed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Listed
	for _, u := range m.users {
		l := Listed{ID: u.ID, Tenant: u.Tenant, Email: u.Email, Joined: u.Joined}
		if u.Tenant == tenant && (after == "" || l.place() < after) {
			all = append(all, l)
		}
	}
	return inOrder(all, limit), nil
}

// Add implements Store.
func (m *Memory) Add(_ context.Context, u User) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.emails[keyOf(u.Tenant, u.ID)]; taken {
		return ErrIDTaken
	}
	return m.create(u)
}

// ChangeEmail implements Store.
func (m *Memory) ChangeEmail(_ context.Context, u User, email string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to := keyOf(u.Tenant, u.Email), keyOf(u.Tenant, email)
	stored, ok := m.users[from]
	if !ok || stored.ID != u.ID {
		return ErrNotFound
	}
	if _, taken := m.users[to]; taken {
		return ErrExists
	}
	if stored.Hash != u.Hash {
		return ErrConflict
	}
	stored.Email, stored.Networks = email, ""
	delete(m.users, from)
	m.users[to], m.emails[keyOf(u.Tenant, u.ID)] = stored, to
	return nil
}

// Remove implements Store.
func (m *Memory) Remove(_ context.Context, tenant, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := keyOf(tenant, id)
	if at, ok := m.emails[k]; ok {
		delete(m.users, at)
		delete(m.emails, k)
	}
	return nil
}
