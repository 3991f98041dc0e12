//! Where classes lie, as the JVM tells when it begins (`gc,metaspace`).

use super::form::{Def, Form, Kind, Src, form, hex, int, src, src_of};

const CLASSES: &[Src] = &[src_of(
    "JDK 25",
    "CompressedKlassPointers::print_mode",
    "oops/compressedKlass.cpp",
)];

const CLASSES_BOTH: &[Src] = &[
    src_of(
        "JDK 17",
        "CompressedKlassPointers::print_mode",
        "oops/compressedOops.cpp",
    ),
    src_of(
        "JDK 25",
        "CompressedKlassPointers::print_mode",
        "oops/compressedKlass.cpp",
    ),
];

const BASE: Def = hex("base", "address from which compressed class pointers are counted");

const SHIFT: Def = int("shift", "bits", "by which they are shifted");

const FROM: Def = hex("from", "first address");

const TO: Def = hex("to", "first address behind it");

const BYTES: Def = int("size", "bytes", "of the range");

const CDS: &[Src] = &[src("MetaspaceShared::print_on", "cds/metaspaceShared.cpp")];

pub const FORMS: &[Form] = &[
    form(
        "gc,metaspace",
        "JVM: where the class data archive lies",
        CDS,
        "CDS archive(s) mapped at: [{}-{}-{}), size {}, SharedBaseAddress: {}, ArchiveRelocationMode: {}.",
        &[
            FROM,
            hex("end of the first", "of the archive that comes with the JDK"),
            TO,
            int("size", "bytes", "of the archives"),
            hex("base", "address that was wished for"),
            int(
                "relocation",
                "",
                "1: put at an address by chance, for safety (ArchiveRelocationMode)",
            ),
        ],
    ),
    form(
        "gc,metaspace",
        "JVM: where the compressed class space lies",
        &[src(
            "Metaspace::print_compressed_class_space",
            "memory/metaspace.cpp",
        )],
        "Compressed class space mapped at: {}-{}, reserved size: {}",
        &[
            FROM,
            TO,
            int(
                "reserved",
                "bytes",
                "address space for classes (CompressedClassSpaceSize)",
            ),
        ],
    ),
    form(
        "gc,metaspace",
        "JVM: how compressed class pointers are decoded",
        CLASSES_BOTH,
        "Narrow klass base: {}, Narrow klass shift: {}‹, Narrow klass range: {}›",
        &[
            BASE,
            SHIFT,
            Def::new(Kind::Hex, "range", "bytes", "that they reach"),
        ],
    ),
    form(
        "gc,metaspace",
        "JVM: how classes are referred to",
        CLASSES,
        "UseCompressedClassPointers {}, UseCompactObjectHeaders {}",
        &[
            int("compressed", "", "1: class pointers of 32 bits or less"),
            int("compact headers", "", "1: object headers of 8 bytes (JEP 519)"),
        ],
    )
    .note("JDK 25"),
    form(
        "gc,metaspace",
        "JVM: how wide class pointers are",
        CLASSES,
        "Narrow klass pointer bits {}, Max shift {}",
        &[
            int("width", "bits", "of a class pointer"),
            int("most", "bits", "by which it may be shifted"),
        ],
    ),
    form(
        "gc,metaspace",
        "JVM: addresses that class pointers reach",
        CLASSES,
        "Encoding Range: [{} - {}), ({} bytes)",
        &[FROM, TO, BYTES],
    ),
    form(
        "gc,metaspace",
        "JVM: addresses at which classes may lie",
        CLASSES,
        "Klass Range: [{} - {}), ({} bytes)",
        &[FROM, TO, BYTES],
    ),
    form(
        "gc,metaspace",
        "JVM: numbers that classes may have",
        CLASSES,
        "Klass ID Range: [{} - {}) ({})",
        &[
            int("from", "", "first number"),
            int("to", "", "first number behind them"),
            int("count", "", "of numbers"),
        ],
    ),
    form(
        "gc,metaspace",
        "JVM: addresses kept free so that a wrong class pointer faults",
        CLASSES,
        "Protection zone: [{} - {}), ({} bytes)",
        &[FROM, TO, BYTES],
    ),
];
