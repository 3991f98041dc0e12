package gcrucible.runner;

/** Objects of so many references, as fields. */
abstract class Linked {
    abstract Block.Anchor get(int j);

    abstract void set(int j, Block.Anchor value);

    static final class Of4 extends Linked {
        private Block.Anchor f0;
        private Block.Anchor f1;
        private Block.Anchor f2;
        private Block.Anchor f3;

        @Override
        Block.Anchor get(int j) {
            return switch (j) {
                case 0 -> f0;
                case 1 -> f1;
                case 2 -> f2;
                default -> f3;
            };
        }

        @Override
        void set(int j, Block.Anchor value) {
            switch (j) {
                case 0 -> f0 = value;
                case 1 -> f1 = value;
                case 2 -> f2 = value;
                default -> f3 = value;
            }
        }
    }

    static final class Of16 extends Linked {
        private Block.Anchor f0;
        private Block.Anchor f1;
        private Block.Anchor f2;
        private Block.Anchor f3;
        private Block.Anchor f4;
        private Block.Anchor f5;
        private Block.Anchor f6;
        private Block.Anchor f7;
        private Block.Anchor f8;
        private Block.Anchor f9;
        private Block.Anchor f10;
        private Block.Anchor f11;
        private Block.Anchor f12;
        private Block.Anchor f13;
        private Block.Anchor f14;
        private Block.Anchor f15;

        @Override
        Block.Anchor get(int j) {
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
        void set(int j, Block.Anchor value) {
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
