package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
)

const (
	keyBytes     = len("session:000000000042")
	sessionBytes = 16
	replyValue   = 256 // bytes of the value that a reply shows
)

// cache is a session store behind a request handler: text in, look-up, text out.
type cache struct {
	random generator
	sizes  sizes
	update uint64
	oldest bool
	burst  uint64 // requests of one operation

	entries  int
	keySpace uint64
	hot      uint64 // keys below this one get 80 % of the requests
	sessions map[string]*session
	ring     []string // the keys in the map, for eviction
	ringNext int

	query *query // the last request, parsed
	reply []byte // the last reply

	nextID    uint64
	broken    error
	live      uint64
	requested uint64
}

type session struct {
	id, hits uint64
	value    []byte
}

// query is a request as the handler sees it; each string is an object of its own.
type query struct {
	path, key string
	params    []param
}

type param struct{ name, value string }

func newCache(r *request, t int) workload {
	min := r.param("value_min", 1, 1<<30)
	max := r.param("value_max", min, 1<<30)
	c := &cache{
		random: split(r.seed, t),
		sizes:  newSizes(min, max),
		update: r.param("update_permille", 0, 1000),
		oldest: r.word("eviction", "oldest", "random") == "oldest",
		burst:  r.param("requests_per_op", 1, 1<<20),
	}
	payload := c.sizes.mean() + uint64(keyBytes) + sessionBytes
	c.entries = slotsFor(r.share(payload), payload)
	c.keySpace = uint64(c.entries) * 5 / 4
	c.hot = c.keySpace / 5
	return c
}

// setup fills the map with the lowest keys, in order.
func (c *cache) setup() {
	c.sessions = make(map[string]*session, c.entries)
	c.ring = make([]string, c.entries)
	for i := range c.ring {
		key := string(appendKey(nil, uint64(i)))
		c.requested += uint64(keyBytes)
		c.ring[i] = key
		c.sessions[key] = c.newSession()
		c.live += uint64(keyBytes)
	}
}

// operation is a page view: a burst of requests, handled one after another.
func (c *cache) operation() uint64 {
	sum := uint64(0)
	for range c.burst {
		sum = fold(sum, c.handle())
	}
	return sum
}

// handle is one request from its bytes to the bytes of its reply.
func (c *cache) handle() uint64 {
	request := c.makeRequest()
	c.query = c.parse(request)
	found, hit := c.sessions[c.query.key]
	sum := uint64(0)
	if hit {
		sum = c.read(found)
		found.hits++
		if c.random.below(1000) < c.update {
			c.live -= uint64(len(found.value))
			found.value = c.newValue(found.id)
		}
	} else {
		found = c.replace(c.query.key)
	}
	for _, p := range c.query.params {
		n, _ := strconv.ParseUint(p.value, 16, 64)
		sum = fold(sum, n)
	}
	c.reply = c.makeReply(found, hit)
	last := c.reply[len(c.reply)-1]
	return fold(sum, uint64(len(c.reply))<<8+uint64(last))
}

// makeRequest plays the client: 80 % of its requests go to the hot keys.
func (c *cache) makeRequest() []byte {
	key := uint64(0)
	if c.random.below(5) < 4 {
		key = c.random.below(c.hot)
	} else {
		key = c.hot + c.random.below(c.keySpace-c.hot)
	}
	n, trace := c.random.below(100), c.random.next()
	request := append(make([]byte, 0, 64), "GET /"...)
	request = appendKey(request, key)
	request = append(request, "?n="...)
	request = strconv.AppendUint(request, n, 10)
	request = append(request, "&trace="...)
	request = appendHex(request, trace)
	c.requested += uint64(len(request))
	return request
}

// parse takes a request of the form GET /<key>?<name>=<value>&... apart.
func (c *cache) parse(request []byte) *query {
	target := request[len("GET "):]
	path, params, _ := bytes.Cut(target, []byte("?"))
	q := &query{path: string(path), key: string(path[1:]), params: make([]param, 0, 2)}
	c.requested += uint64(len(q.path) + len(q.key))
	for len(params) > 0 {
		var pair []byte
		pair, params, _ = bytes.Cut(params, []byte("&"))
		name, value, _ := bytes.Cut(pair, []byte("="))
		q.params = append(q.params, param{string(name), string(value)})
		c.requested += uint64(len(name) + len(value))
	}
	return q
}

// read folds the value of a session.
func (c *cache) read(s *session) uint64 {
	sum, ok := readBack(s.value, s.id)
	if !ok && c.broken == nil {
		c.broken = fmt.Errorf("cache: session %d does not read back", s.id)
	}
	return sum + s.hits
}

// replace evicts a session and stores a new one under key.
func (c *cache) replace(key string) *session {
	at := c.victim()
	old := c.sessions[c.ring[at]]
	c.live -= sessionBytes + uint64(len(old.value))
	delete(c.sessions, c.ring[at])
	fresh := c.newSession()
	c.ring[at] = key
	c.sessions[key] = fresh
	return fresh
}

// victim chooses the slot of the ring whose key goes.
func (c *cache) victim() int {
	if !c.oldest {
		return int(c.random.below(uint64(len(c.ring))))
	}
	at := c.ringNext
	if c.ringNext++; c.ringNext == len(c.ring) {
		c.ringNext = 0
	}
	return at
}

func (c *cache) newSession() *session {
	id := c.nextID
	c.nextID++
	c.requested += sessionBytes + 4
	c.live += sessionBytes
	return &session{id: id, value: c.newValue(id)}
}

// newValue draws a size, allocates and touches.
func (c *cache) newValue(id uint64) []byte {
	value := make([]byte, c.sizes.draw(&c.random))
	touch(value, id)
	c.requested += uint64(len(value))
	c.live += uint64(len(value))
	return value
}

// makeReply lets a buffer grow as lines are added.
func (c *cache) makeReply(s *session, hit bool) []byte {
	shown := s.value[:min(len(s.value), replyValue)]
	var reply []byte
	if hit {
		reply = append(reply, "HTTP/1.1 200 OK\r\n"...)
	} else {
		reply = append(reply, "HTTP/1.1 201 Created\r\n"...)
	}
	reply = append(reply, "Content-Type: text/plain\r\nX-Session: "...)
	reply = append(reply, c.query.key...)
	reply = append(reply, "\r\nX-Hits: "...)
	reply = strconv.AppendUint(reply, s.hits, 10)
	reply = append(reply, "\r\nContent-Length: "...)
	reply = strconv.AppendUint(reply, uint64(2*len(shown)), 10)
	reply = append(reply, "\r\n\r\n"...)
	reply = hex.AppendEncode(reply, shown)
	c.requested += uint64(len(reply))
	return reply
}

// appendKey appends session:%012d.
func appendKey(to []byte, key uint64) []byte {
	to = append(to, "session:"...)
	for unit := uint64(100_000_000_000); unit > 0; unit /= 10 {
		to = append(to, byte('0'+key/unit%10))
	}
	return to
}

// appendHex appends 16 hex digits.
func appendHex(to []byte, n uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		to = append(to, "0123456789abcdef"[n>>shift&15])
	}
	return to
}

func (c *cache) verify() (uint64, error) {
	sum := uint64(0)
	for _, key := range c.ring {
		s := c.sessions[key]
		if s == nil {
			return sum, fmt.Errorf("cache: %s is not in the map", key)
		}
		sum = fold(sum, s.id+c.read(s))
	}
	if len(c.sessions) != len(c.ring) && c.broken == nil {
		c.broken = fmt.Errorf("cache: %d sessions for %d keys", len(c.sessions), len(c.ring))
	}
	return sum, c.broken
}

func (c *cache) liveBytes() uint64      { return c.live }
func (c *cache) requestedBytes() uint64 { return c.requested }
func (c *cache) drop()                  {}
