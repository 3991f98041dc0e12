//! A session store behind a request handler: text in, look-up, text out.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use crate::random::{Generator, fold, split};
use crate::request::Request;
use crate::text::{append_hex, append_key, append_number, as_text};
use crate::workload::{Sizes, Workload, read_back, slots_for, touch};

const KEY_BYTES: u64 = "session:000000000042".len() as u64;
const SESSION_BYTES: u64 = 16;
const REPLY_VALUE: usize = 256; // bytes of the value that a reply shows

/// One object, as in the other languages, to which the map, the ring and the last query refer. `Arc` because the thread
/// that makes a workload is not the one that runs it.
type Key = Arc<str>;

#[repr(align(128))] // see Workload
pub struct Cache {
    client: Client,
    supply: Supply,
    update: u64,
    oldest: bool,
    burst: u64, // requests of one operation

    entries: usize,
    sessions: HashMap<Key, Box<Session>>,
    ring: Vec<Key>, // the keys in the map, for eviction
    ring_next: usize,

    query: Option<Box<Query>>, // the last request, parsed
    reply: Vec<u8>,            // the last reply

    broken: Option<String>,
}

/// Which keys are asked for.
struct Client {
    key_space: u64,
    hot: u64, // keys below this one get 80 % of the requests
}

/// What allocates and keeps the accounts: apart from the map, so that a session found in it can be given a new value.
struct Supply {
    random: Generator,
    sizes: Sizes,
    next_id: u64,
    live: u64,
    requested: u64,
}

struct Session {
    id: u64,
    hits: u64,
    value: Box<[u8]>,
}

/// A request as the handler sees it; each string is an object of its own.
struct Query {
    path: String,
    key: Key,
    params: Vec<Param>,
}

struct Param {
    #[allow(dead_code, reason = "a handler keeps it, whether this one asks for it or not")]
    name: String,
    value: String,
}

pub fn new_cache(r: &mut Request, t: usize) -> Box<dyn Workload> {
    let min = r.param("value_min", 1, 1 << 30);
    let max = r.param("value_max", min, 1 << 30);
    let sizes = Sizes::new(min, max);
    let update = r.param("update_permille", 0, 1000);
    let oldest = r.word("eviction", &["oldest", "random"]) == "oldest";
    let burst = r.param("requests_per_op", 1, 1 << 20);
    let payload = sizes.mean() + KEY_BYTES + SESSION_BYTES;
    let entries = slots_for(r.share(payload), payload);
    let key_space = entries as u64 * 5 / 4;
    Box::new(Cache {
        client: Client {
            key_space,
            hot: key_space / 5,
        },
        supply: Supply {
            random: split(r.seed, t),
            sizes,
            next_id: 0,
            live: 0,
            requested: 0,
        },
        update,
        oldest,
        burst,
        entries,
        sessions: HashMap::new(),
        ring: Vec::new(),
        ring_next: 0,
        query: None,
        reply: Vec::new(),
        broken: None,
    })
}

impl Workload for Cache {
    /// Fills the map with the lowest keys, in order.
    fn setup(&mut self) {
        self.sessions.reserve(self.entries);
        self.ring.reserve_exact(self.entries);
        let mut text = Vec::new();
        for i in 0..self.entries {
            text.clear();
            append_key(&mut text, i as u64);
            let key = Key::from(as_text(&text));
            self.supply.requested += KEY_BYTES;
            self.ring.push(Arc::clone(&key));
            self.sessions.insert(key, self.supply.new_session());
            self.supply.live += KEY_BYTES;
        }
    }

    /// A page view: a burst of requests, handled one after another.
    fn operation(&mut self) -> u64 {
        let mut sum = 0;
        for _ in 0..self.burst {
            sum = fold(sum, self.handle());
        }
        sum
    }

    fn verify(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for key in &self.ring {
            let Some(s) = self.sessions.get(key) else {
                return Err(format!("cache: {key} is not in the map"));
            };
            sum = fold(sum, s.id.wrapping_add(read(s, &mut self.broken)));
        }
        if self.sessions.len() != self.ring.len() && self.broken.is_none() {
            self.broken = Some(format!(
                "cache: {} sessions for {} keys",
                self.sessions.len(),
                self.ring.len()
            ));
        }
        match &self.broken {
            Some(what) => Err(what.clone()),
            None => Ok(sum),
        }
    }

    fn live_bytes(&self) -> u64 {
        self.supply.live
    }

    fn requested_bytes(&self) -> u64 {
        self.supply.requested
    }
}

impl Cache {
    /// One request from its bytes to the bytes of its reply.
    fn handle(&mut self) -> u64 {
        let request = self.client.make_request(&mut self.supply);
        let query = parse(&request, &mut self.supply);
        let (mut sum, mut hit) = (0, false);
        let found = match self.sessions.get_mut(&query.key) {
            Some(found) => {
                hit = true;
                sum = read(found, &mut self.broken);
                found.hits += 1;
                if self.supply.random.below(1000) < self.update {
                    self.supply.live -= found.value.len() as u64;
                    found.value = self.supply.new_value(found.id);
                }
                found
            }
            None => {
                let at = self.victim();
                self.replace(at, &query.key)
            }
        };
        for p in &query.params {
            sum = fold(sum, u64::from_str_radix(&p.value, 16).unwrap_or(0));
        }
        let reply = make_reply(&query, found, hit);
        self.supply.requested += reply.len() as u64;
        self.query = Some(query);
        self.reply = reply;
        let last = u64::from(self.reply[self.reply.len() - 1]);
        fold(sum, ((self.reply.len() as u64) << 8) + last)
    }

    /// Evicts the session at a slot of the ring and stores a new one under `key`.
    fn replace(&mut self, at: usize, key: &Key) -> &mut Session {
        let old = self
            .sessions
            .remove(&self.ring[at])
            .expect("the ring's keys are in the map");
        self.supply.live -= SESSION_BYTES + old.value.len() as u64;
        drop(old);
        let fresh = self.supply.new_session();
        self.ring[at] = Arc::clone(key);
        self.sessions.entry(Arc::clone(key)).or_insert(fresh)
    }

    /// Chooses the slot of the ring whose key goes.
    fn victim(&mut self) -> usize {
        if !self.oldest {
            return self.supply.random.below(self.ring.len() as u64) as usize;
        }
        let at = self.ring_next;
        self.ring_next += 1;
        if self.ring_next == self.ring.len() {
            self.ring_next = 0;
        }
        at
    }
}

impl Client {
    /// Plays the client: 80 % of its requests go to the hot keys.
    fn make_request(&self, supply: &mut Supply) -> Vec<u8> {
        let random = &mut supply.random;
        let key = if random.below(5) < 4 {
            random.below(self.hot)
        } else {
            self.hot + random.below(self.key_space - self.hot)
        };
        let (n, trace) = (random.below(100), random.next());
        let mut request = Vec::with_capacity(64);
        request.extend_from_slice(b"GET /");
        append_key(&mut request, key);
        request.extend_from_slice(b"?n=");
        append_number(&mut request, n);
        request.extend_from_slice(b"&trace=");
        append_hex(&mut request, &trace.to_be_bytes());
        supply.requested += request.len() as u64;
        black_box(request)
    }
}

/// Takes a request of the form GET /<key>?<name>=<value>&... apart.
fn parse(request: &[u8], supply: &mut Supply) -> Box<Query> {
    let target = as_text(&request["GET ".len()..]);
    let (path, mut params) = target.split_once('?').unwrap_or((target, ""));
    let mut query = Box::new(Query {
        path: path.to_string(),
        key: Key::from(&path[1..]),
        params: Vec::with_capacity(2),
    });
    supply.requested += (query.path.len() + query.key.len()) as u64;
    while !params.is_empty() {
        let (pair, rest) = params.split_once('&').unwrap_or((params, ""));
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        query.params.push(Param {
            name: name.to_string(),
            value: value.to_string(),
        });
        supply.requested += (name.len() + value.len()) as u64;
        params = rest;
    }
    black_box(query)
}

/// Folds the value of a session.
fn read(s: &Session, broken: &mut Option<String>) -> u64 {
    let (sum, ok) = read_back(&s.value, s.id);
    if !ok && broken.is_none() {
        *broken = Some(format!("cache: session {} does not read back", s.id));
    }
    sum.wrapping_add(s.hits)
}

impl Supply {
    fn new_session(&mut self) -> Box<Session> {
        let id = self.next_id;
        self.next_id += 1;
        self.requested += SESSION_BYTES + 4;
        self.live += SESSION_BYTES;
        black_box(Box::new(Session {
            id,
            hits: 0,
            value: self.new_value(id),
        }))
    }

    /// Draws a size, allocates and touches.
    fn new_value(&mut self, id: u64) -> Box<[u8]> {
        let mut value = vec![0; self.sizes.draw(&mut self.random) as usize].into_boxed_slice();
        touch(&mut value, id);
        self.requested += value.len() as u64;
        self.live += value.len() as u64;
        black_box(value)
    }
}

/// Lets a buffer grow as lines are added.
fn make_reply(query: &Query, s: &Session, hit: bool) -> Vec<u8> {
    let shown = &s.value[..s.value.len().min(REPLY_VALUE)];
    let mut reply = Vec::new();
    let status: &[u8] = if hit {
        b"HTTP/1.1 200 OK\r\n"
    } else {
        b"HTTP/1.1 201 Created\r\n"
    };
    reply.extend_from_slice(status);
    reply.extend_from_slice(b"Content-Type: text/plain\r\nX-Session: ");
    reply.extend_from_slice(query.key.as_bytes());
    reply.extend_from_slice(b"\r\nX-Hits: ");
    append_number(&mut reply, s.hits);
    reply.extend_from_slice(b"\r\nContent-Length: ");
    append_number(&mut reply, 2 * shown.len() as u64);
    reply.extend_from_slice(b"\r\n\r\n");
    append_hex(&mut reply, shown);
    black_box(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(oldest: bool) -> Cache {
        let entries = if cfg!(miri) { 50 } else { 2000 };
        let key_space = entries as u64 * 5 / 4;
        let mut c = Cache {
            client: Client {
                key_space,
                hot: key_space / 5,
            },
            supply: Supply {
                random: split(42, 0),
                sizes: Sizes::new(128, 512),
                next_id: 0,
                live: 0,
                requested: 0,
            },
            update: 100,
            oldest,
            burst: 2,
            entries,
            sessions: HashMap::new(),
            ring: Vec::new(),
            ring_next: 0,
            query: None,
            reply: Vec::new(),
            broken: None,
        };
        c.setup();
        c
    }

    #[test]
    fn texts_are_well_formed() {
        let mut c = prepared(true);
        c.operation();
        let query = c.query.as_ref().unwrap();
        assert_eq!(query.path, format!("/{}", query.key));
        assert!(query.key.starts_with("session:0000") && query.key.len() as u64 == KEY_BYTES);
        let names: Vec<&str> = query.params.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["n", "trace"]);
        assert_eq!(query.params[1].value.len(), 16);
        let reply = as_text(&c.reply);
        let (header, body) = reply.split_once("\r\n\r\n").unwrap();
        assert!(
            header.starts_with("HTTP/1.1 20") && header.contains(&*query.key),
            "{header}"
        );
        assert_eq!(
            body.len(),
            2 * c.sessions[&query.key].value.len().min(REPLY_VALUE)
        );
    }

    #[test]
    fn live_bytes_are_what_the_workload_holds_and_the_map_does_not_grow() {
        for oldest in [true, false] {
            let mut c = prepared(oldest);
            let capacity = c.sessions.capacity();
            for _ in 0..c.entries {
                c.operation();
            }
            c.verify().unwrap();
            let held = c
                .sessions
                .iter()
                .map(|(key, s)| key.len() as u64 + 16 + s.value.len() as u64);
            assert_eq!(c.supply.live, held.sum::<u64>());
            assert_eq!(c.sessions.len(), c.entries);
            assert!(c.sessions.capacity() <= capacity); // less by the places of the evicted
        }
    }

    #[test]
    fn a_lost_session_is_found() {
        let mut c = prepared(true);
        let key = Arc::clone(&c.ring[7]);
        c.sessions.get_mut(&key).unwrap().value[0] ^= 1;
        assert_eq!(c.verify().unwrap_err(), "cache: session 7 does not read back");
        c.sessions.remove(&key);
        assert_eq!(
            c.verify().unwrap_err(),
            "cache: session:000000000007 is not in the map"
        );
    }
}
