package gcrucible.runner;

/** Objects of so many numbers, as fields. */
abstract class Flat {
    abstract long get(int j);

    abstract void set(int j, long value);

    static final class Of1 extends Flat {
        private long f0;

        @Override
        long get(int j) {
            return f0;
        }

        @Override
        void set(int j, long value) {
            f0 = value;
        }
    }

    static final class Of2 extends Flat {
        private long f0;
        private long f1;

        @Override
        long get(int j) {
            return switch (j) {
                case 0 -> f0;
                default -> f1;
            };
        }

        @Override
        void set(int j, long value) {
            switch (j) {
                case 0 -> f0 = value;
                default -> f1 = value;
            }
        }
    }

    static final class Of3 extends Flat {
        private long f0;
        private long f1;
        private long f2;

        @Override
        long get(int j) {
            return switch (j) {
                case 0 -> f0;
                case 1 -> f1;
                default -> f2;
            };
        }

        @Override
        void set(int j, long value) {
            switch (j) {
                case 0 -> f0 = value;
                case 1 -> f1 = value;
                default -> f2 = value;
            }
        }
    }

    static final class Of4 extends Flat {
        private long f0;
        private long f1;
        private long f2;
        private long f3;

        @Override
        long get(int j) {
            return switch (j) {
                case 0 -> f0;
                case 1 -> f1;
                case 2 -> f2;
                default -> f3;
            };
        }

        @Override
        void set(int j, long value) {
            switch (j) {
                case 0 -> f0 = value;
                case 1 -> f1 = value;
                case 2 -> f2 = value;
                default -> f3 = value;
            }
        }
    }

    static final class Of8 extends Flat {
        private long f0;
        private long f1;
        private long f2;
        private long f3;
        private long f4;
        private long f5;
        private long f6;
        private long f7;

        @Override
        long get(int j) {
            return switch (j) {
                case 0 -> f0;
                case 1 -> f1;
                case 2 -> f2;
                case 3 -> f3;
                case 4 -> f4;
                case 5 -> f5;
                case 6 -> f6;
                default -> f7;
            };
        }

        @Override
        void set(int j, long value) {
            switch (j) {
                case 0 -> f0 = value;
                case 1 -> f1 = value;
                case 2 -> f2 = value;
                case 3 -> f3 = value;
                case 4 -> f4 = value;
                case 5 -> f5 = value;
                case 6 -> f6 = value;
                default -> f7 = value;
            }
        }
    }

    static final class Of16 extends Flat {
        private long f0;
        private long f1;
        private long f2;
        private long f3;
        private long f4;
        private long f5;
        private long f6;
        private long f7;
        private long f8;
        private long f9;
        private long f10;
        private long f11;
        private long f12;
        private long f13;
        private long f14;
        private long f15;

        @Override
        long get(int j) {
            return switch (j) {
                case 0 -> f0;
                case 1 -> f1;
                case 2 -> f2;
                case 3 -> f3;
                case 4 -> f4;
                case 5 -> f5;
                case 6 -> f6;
                case 7 -> f7;
                case 8 -> f8;
                case 9 -> f9;
                case 10 -> f10;
                case 11 -> f11;
                case 12 -> f12;
                case 13 -> f13;
                case 14 -> f14;
                default -> f15;
            };
        }

        @Override
        void set(int j, long value) {
            switch (j) {
                case 0 -> f0 = value;
                case 1 -> f1 = value;
                case 2 -> f2 = value;
                case 3 -> f3 = value;
                case 4 -> f4 = value;
                case 5 -> f5 = value;
                case 6 -> f6 = value;
                case 7 -> f7 = value;
                case 8 -> f8 = value;
                case 9 -> f9 = value;
                case 10 -> f10 = value;
                case 11 -> f11 = value;
                case 12 -> f12 = value;
                case 13 -> f13 = value;
                case 14 -> f14 = value;
                default -> f15 = value;
            }
        }
    }
}
