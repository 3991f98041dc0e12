package gcrucible.runner;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A session store behind a request handler: text in, look-up, text out. */
final class Cache extends Padded implements Workload {
    static final int KEY_BYTES = "session:000000000042".length();
    static final int REPLY_VALUE = 256; // bytes of the value that a reply shows
    private static final int SESSION_BYTES = 16;

    private static final byte[] GET = "GET /".getBytes(ISO_8859_1);
    private static final byte[] SESSION = "session:".getBytes(ISO_8859_1);
    private static final byte[] N = "?n=".getBytes(ISO_8859_1);
    private static final byte[] TRACE = "&trace=".getBytes(ISO_8859_1);
    private static final byte[] OK = "HTTP/1.1 200 OK\r\n".getBytes(ISO_8859_1);
    private static final byte[] CREATED = "HTTP/1.1 201 Created\r\n".getBytes(ISO_8859_1);
    private static final byte[] NAME = "Content-Type: text/plain\r\nX-Session: ".getBytes(ISO_8859_1);
    private static final byte[] HITS = "\r\nX-Hits: ".getBytes(ISO_8859_1);
    private static final byte[] LENGTH = "\r\nContent-Length: ".getBytes(ISO_8859_1);
    private static final byte[] BODY = "\r\n\r\n".getBytes(ISO_8859_1);

    private final Random random;
    private final Sizes sizes;
    private final int update;
    private final boolean oldest;
    private final int burst; // requests of one operation

    private final int entries;
    private final long keySpace;
    private final long hot; // keys below this one get 80 % of the requests
    Map<String, Session> sessions;
    String[] ring; // the keys in the map, for eviction
    private int ringNext;

    private Text request; // the last request
    Query query; // the same, parsed
    Text reply; // the last reply

    private long nextId;
    private long live;
    private long requested;

    static final class Session {
        final long id;
        long hits;
        byte[] value;

        Session(long id, byte[] value) {
            this.id = id;
            this.value = value;
        }
    }

    /** A request as the handler sees it; each string is an object of its own. */
    record Query(String path, String key, List<Param> params) {}

    record Param(String name, String value) {}

    Cache(Request request, int t) {
        long min = request.param("value_min", 1, 1 << 30);
        long max = request.param("value_max", min, 1 << 30);
        random = Random.split(request.seed, t);
        sizes = new Sizes(min, max);
        update = (int) request.param("update_permille", 0, 1000);
        oldest = request.word("eviction", "oldest", "random").equals("oldest");
        burst = (int) request.param("requests_per_op", 1, 1 << 20);
        entries = Workload.slotsFor(request.share(), sizes.mean() + KEY_BYTES + SESSION_BYTES);
        keySpace = entries * 5L / 4;
        hot = keySpace / 5;
    }

    /** Fills the map with the lowest keys, in order. */
    @Override
    public void setup() {
        sessions = new HashMap<>((int) Math.min(entries * 4L / 3 + 1, 1 << 30)); // room for all below its load factor
        ring = new String[entries];
        for (int i = 0; i < ring.length; i++) {
            String key = addKey(new Text(KEY_BYTES), i).cut(0, KEY_BYTES);
            requested += KEY_BYTES;
            ring[i] = key;
            sessions.put(key, newSession());
            live += KEY_BYTES;
        }
    }

    /** A page view: a burst of requests, handled one after another. */
    @Override
    public long operation() {
        long sum = 0;
        for (int n = 0; n < burst; n++) {
            sum = Random.fold(sum, handle());
        }
        return sum;
    }

    /** One request from its bytes to the bytes of its reply. */
    private long handle() {
        request = makeRequest();
        query = parse(request);
        Session found = sessions.get(query.key);
        boolean hit = found != null;
        long sum = 0;
        if (hit) {
            sum = read(found);
            found.hits++;
            if (random.below(1000) < update) {
                live -= found.value.length;
                found.value = newValue(found.id);
            }
        } else {
            found = replace(query.key);
        }
        for (Param param : query.params) {
            sum = Random.fold(sum, Long.parseUnsignedLong(param.value, 16));
        }
        reply = makeReply(found, hit);
        long last = reply.bytes[reply.length - 1];
        return Random.fold(sum, ((long) reply.length << 8) + last);
    }

    /** Plays the client: 80 % of its requests go to the hot keys. */
    Text makeRequest() {
        long key;
        if (random.below(5) < 4) {
            key = random.below(hot);
        } else {
            key = hot + random.below(keySpace - hot);
        }
        int n = random.below(100);
        long trace = random.next();
        Text made = addKey(new Text(64).add(GET), key).add(N).addDecimal(n).add(TRACE).addHex(trace);
        requested += made.length;
        return made;
    }

    /** Takes a request of the form GET /key?name=value&amp;... apart. */
    private Query parse(Text request) {
        int from = GET.length - 1;
        int end = request.length;
        int to = request.find('?', from, end);
        Query parsed = new Query(request.cut(from, to), request.cut(from + 1, to), new ArrayList<>(2));
        requested += 2 * (to - from) - 1;
        while (to < end) {
            from = to + 1;
            int equals = request.find('=', from, end);
            to = request.find('&', equals, end);
            parsed.params.add(new Param(request.cut(from, equals), request.cut(equals + 1, to)));
            requested += to - from - 1;
        }
        return parsed;
    }

    /** Folds the value of a session. */
    private static long read(Session session) {
        return Workload.readBack(session.value, session.id, "cache: session") + session.hits;
    }

    /** Evicts a session and stores a new one under key. */
    private Session replace(String key) {
        int at = victim();
        Session old = sessions.remove(ring[at]);
        live -= SESSION_BYTES + old.value.length;
        Session fresh = newSession();
        ring[at] = key;
        sessions.put(key, fresh);
        return fresh;
    }

    /** Chooses the slot of the ring whose key goes. */
    private int victim() {
        if (!oldest) {
            return random.below(ring.length);
        }
        int at = ringNext;
        if (++ringNext == ring.length) {
            ringNext = 0;
        }
        return at;
    }

    private Session newSession() {
        long id = nextId++;
        requested += SESSION_BYTES + 4;
        live += SESSION_BYTES;
        return new Session(id, newValue(id));
    }

    /** Draws a size, allocates and touches. */
    private byte[] newValue(long id) {
        byte[] value = new byte[sizes.draw(random)];
        Workload.touch(value, id);
        requested += value.length;
        live += value.length;
        return value;
    }

    /** Lets a buffer grow as lines are added. */
    private Text makeReply(Session session, boolean hit) {
        int shown = Math.min(session.value.length, REPLY_VALUE);
        Text made = new Text(16);
        made.add(hit ? OK : CREATED);
        made.add(NAME).add(query.key);
        made.add(HITS).addDecimal(session.hits);
        made.add(LENGTH).addDecimal(2 * shown);
        made.add(BODY).addHex(session.value, shown);
        requested += made.length;
        return made;
    }

    /** Adds session:%012d. */
    private static Text addKey(Text to, long key) {
        return to.add(SESSION).addDecimal(key, 12);
    }

    @Override
    public long verify() {
        long sum = 0;
        for (String key : ring) {
            Session session = sessions.get(key);
            if (session == null) {
                throw new Broken("cache: " + key + " is not in the map");
            }
            sum = Random.fold(sum, session.id + read(session));
        }
        if (sessions.size() != ring.length) {
            throw new Broken("cache: " + sessions.size() + " sessions for " + ring.length + " keys");
        }
        return sum;
    }

    @Override
    public long liveBytes() {
        return live;
    }

    @Override
    public long requestedBytes() {
        return requested;
    }
}
