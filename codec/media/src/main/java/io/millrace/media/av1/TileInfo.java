package io.millrace.media.av1;

import io.millrace.media.bits.BitReader;

/**
 * tile_info() (AV1 specification §5.9.15).
 *
 * @param columnsLog2 TileColsLog2
 * @param rowsLog2 TileRowsLog2
 * @param sizeBytes TileSizeBytes
 */
record TileInfo(int columns, int rows, int columnsLog2, int rowsLog2, int sizeBytes) {
  private static final int MAXIMUM_WIDTH = 4_096;
  private static final int MAXIMUM_AREA = 4_096 * 2_304;
  private static final int MAXIMUM_COLUMNS = 64;
  private static final int MAXIMUM_ROWS = 64;

  int count() {
    return columns * rows;
  }

  static TileInfo read(BitReader in, int width, int height, boolean largeBlocks) {
    int blockLog2 = largeBlocks ? 7 : 6;
    int blockColumns = Math.ceilDiv(width, 1 << blockLog2);
    int blockRows = Math.ceilDiv(height, 1 << blockLog2);
    int maxWidth = MAXIMUM_WIDTH >> blockLog2;
    int maxArea = MAXIMUM_AREA >> (2 * blockLog2);
    int minColumnsLog2 = log2(maxWidth, blockColumns);
    int maxColumnsLog2 = log2(1, Math.min(blockColumns, MAXIMUM_COLUMNS));
    int maxRowsLog2 = log2(1, Math.min(blockRows, MAXIMUM_ROWS));
    int minLog2 = Math.max(minColumnsLog2, log2(maxArea, blockRows * blockColumns));
    int columns;
    int rows;
    int columnsLog2;
    int rowsLog2;
    if (in.flag()) { // uniform_tile_spacing_flag
      columnsLog2 = increment(in, minColumnsLog2, maxColumnsLog2);
      columns = Math.ceilDiv(blockColumns, Math.ceilDiv(blockColumns, 1 << columnsLog2));
      rowsLog2 = increment(in, Math.max(minLog2 - columnsLog2, 0), maxRowsLog2);
      rows = Math.ceilDiv(blockRows, Math.ceilDiv(blockRows, 1 << rowsLog2));
    } else {
      int widest = 0;
      columns = 0;
      for (int start = 0; start < blockColumns; columns++) {
        int size = 1 + GlobalMotion.nonSymmetric(in, Math.min(blockColumns - start, maxWidth));
        widest = Math.max(widest, size);
        start += size;
      }
      columnsLog2 = log2(1, columns);
      int area = blockRows * blockColumns;
      int maxHeight = Math.max((minLog2 > 0 ? area >> (minLog2 + 1) : area) / widest, 1);
      rows = 0;
      for (int start = 0; start < blockRows; rows++) {
        start += 1 + GlobalMotion.nonSymmetric(in, Math.min(blockRows - start, maxHeight));
      }
      rowsLog2 = log2(1, rows);
    }
    if (columns > MAXIMUM_COLUMNS || rows > MAXIMUM_ROWS) {
      throw in.malformed(columns + "x" + rows + " tiles");
    }
    int sizeBytes = 0;
    if (columnsLog2 > 0 || rowsLog2 > 0) {
      in.skip(columnsLog2 + rowsLog2); // context_update_tile_id
      sizeBytes = 1 + in.bits(2);
    }
    return new TileInfo(columns, rows, columnsLog2, rowsLog2, sizeBytes);
  }

  private static int increment(BitReader in, int from, int to) {
    int value = from;
    while (value < to && in.flag()) {
      value++;
    }
    return value;
  }

  /** tile_log2(): the smallest k with {@code unit << k >= target}. */
  private static int log2(int unit, int target) {
    int k = 0;
    while (unit << k < target) {
      k++;
    }
    return k;
  }
}
