package gcrucible.runner;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/** A growing buffer of one-byte characters: what Go's append and Rust's Vec are to the cache. */
final class Text {
    private static final byte[] HEX = "0123456789abcdef".getBytes(ISO_8859_1);

    byte[] bytes;
    int length;

    Text(int capacity) {
        bytes = new byte[capacity];
    }

    Text add(byte[] more) {
        reserve(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
        return this;
    }

    Text add(String more) {
        int n = more.length();
        reserve(n);
        for (int i = 0; i < n; i++) {
            bytes[length++] = (byte) more.charAt(i);
        }
        return this;
    }

    Text addDecimal(long n) {
        int digits = 1;
        for (long rest = n / 10; rest > 0; rest /= 10) {
            digits++;
        }
        return addDecimal(n, digits);
    }

    /** Adds n with as many digits as asked for, zeros in front. */
    Text addDecimal(long n, int digits) {
        reserve(digits);
        length += digits;
        for (int at = length - 1; digits > 0; at--, digits--) {
            bytes[at] = (byte) ('0' + n % 10);
            n /= 10;
        }
        return this;
    }

    /** Adds 16 hex digits. */
    Text addHex(long n) {
        reserve(16);
        for (int shift = 60; shift >= 0; shift -= 4) {
            bytes[length++] = HEX[(int) (n >>> shift) & 15];
        }
        return this;
    }

    /** Adds the first n bytes of data, two hex digits each. */
    Text addHex(byte[] data, int n) {
        reserve(2 * n);
        for (int i = 0; i < n; i++) {
            bytes[length++] = HEX[(data[i] >> 4) & 15];
            bytes[length++] = HEX[data[i] & 15];
        }
        return this;
    }

    /** Where the byte c stands in [from, to); to if it does not. */
    int find(char c, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != c) {
            at++;
        }
        return at;
    }

    /** A string of its own of the bytes in [from, to). */
    String cut(int from, int to) {
        return new String(bytes, from, to - from, ISO_8859_1);
    }

    private void reserve(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
        }
    }
}
