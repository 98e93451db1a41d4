package balance

import (
	"hash/fnv"
	"math"
)

// lease is a request under way at a backend.
type lease struct {
	pool   *Pool
	member *member
	// name is its address in the network.
	name string
}

// end gives the lease back; it is called once.
func (l *lease) end() {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	l.member.active--
	if l.member.removed && l.member.active == 0 {
		close(l.member.idle)
	}
}

// choose takes a backend for a client, leaving out those in tried. It returns nil
// when none can serve.
func (p *Pool) choose(client string, tried map[*member]bool) *lease {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, backup := range []bool{false, true} {
		candidates := p.candidates(backup, tried)
		for len(candidates) > 0 {
			m := p.pick(candidates, client)
			if _, ok := p.network.Resolve(m.IP, m.Port); ok {
				m.active++
				return &lease{p, m, m.Name()}
			}
			tried[m] = true
			candidates = p.candidates(backup, tried)
		}
	}
	return nil
}

func (p *Pool) candidates(backup bool, tried map[*member]bool) []*member {
	var found []*member
	for _, m := range p.members {
		healthy := m.health.Verdict == OK || m.health.Verdict == Warning
		full := m.MaxConnections > 0 && m.active >= m.MaxConnections
		if healthy && !full && !m.Offline && !m.Drain && m.Backup == backup && !tried[m] {
			found = append(found, m)
		}
	}
	return found
}

func (p *Pool) pick(candidates []*member, client string) *member {
	switch p.policy {
	case LeastConnections:
		return p.leastConnections(candidates)
	case IPHash:
		return byHash(candidates, client)
	default:
		return roundRobin(candidates)
	}
}

// roundRobin is the smooth weighted round robin: each gets its weight in credit,
// the richest serves and pays for all.
func roundRobin(candidates []*member) *member {
	total := 0
	var best *member
	for _, m := range candidates {
		total += m.Weight
		m.current += m.Weight
		if best == nil || m.current > best.current {
			best = m
		}
	}
	best.current -= total
	return best
}

// leastConnections takes turns among backends that are equally loaded for their
// weight.
func (p *Pool) leastConnections(candidates []*member) *member {
	p.rotation++
	var best *member
	for i := range candidates {
		m := candidates[(p.rotation+i)%len(candidates)]
		if best == nil || m.active*best.Weight < best.active*m.Weight {
			best = m
		}
	}
	return best
}

// byHash is weighted rendezvous hashing: a client stays with its backend unless
// that one goes.
func byHash(candidates []*member, client string) *member {
	var best *member
	highest := math.Inf(-1)
	for _, m := range candidates {
		h := fnv.New64a()
		h.Write([]byte(client + "|" + m.Name()))
		// FNV's high bits mix poorly on short inputs; this spreads them.
		x := h.Sum64()
		x ^= x >> 33
		x *= 0xff51afd7ed558ccd
		x ^= x >> 33
		share := (float64(x>>11) + 0.5) / (1 << 53)
		if score := -float64(m.Weight) / math.Log(share); score > highest {
			best, highest = m, score
		}
	}
	return best
}
