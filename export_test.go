package latchkey

// WithDefaults is what New makes of a Config.
func (c Config) WithDefaults() Config { return c.withDefaults() }
