package io.millrace.media.av1;

import io.millrace.media.bits.BitReader;

/**
 * What frame headers need of a sequence header (AV1 specification §5.5.1).
 *
 * @param presentationTimeBits frame_presentation_time_length_minus_1 + 1 where frames carry it,
 *     else 0
 * @param decoderModel decoder_model_info_present_flag
 * @param operatingPoints operating_point_idc of each; of those without a decoder model −1
 * @param frameIdBits 0 where frames are not numbered
 * @param screenContentTools seq_force_screen_content_tools; 2: each frame says
 * @param integerMotion seq_force_integer_mv; 2: each frame says
 * @param orderHintBits 0 without order hints
 */
record FrameSequence(
    boolean reduced,
    int presentationTimeBits,
    boolean decoderModel,
    int removalTimeBits,
    int[] operatingPoints,
    int widthBits,
    int heightBits,
    int maximumWidth,
    int maximumHeight,
    int deltaFrameIdBits,
    int frameIdBits,
    boolean largeBlocks,
    boolean warpedMotion,
    boolean referenceMotion,
    int screenContentTools,
    int integerMotion,
    int orderHintBits,
    boolean superres,
    boolean cdef,
    boolean restoration,
    boolean monochrome,
    boolean subsampledX,
    boolean subsampledY,
    boolean separateChromaDeltas,
    boolean filmGrain) {
  static final int SELECT = 2;

  /** Reads the payload of a sequence header OBU. */
  static FrameSequence parse(byte[] payload) {
    BitReader in = new BitReader("AV1 sequence header", payload);
    int profile = in.bits(3);
    in.skip(1); // still_picture
    boolean reduced = in.flag();
    int presentationBits = 0;
    int removalBits = 0;
    int delayBits = 0;
    boolean model = false;
    int[] points = {0};
    if (reduced) {
      in.skip(5);
    } else {
      if (in.flag()) { // timing_info_present_flag
        in.skip(64);
        boolean equal = in.flag();
        if (equal) {
          in.uvlc();
        }
        model = in.flag();
        if (model) {
          delayBits = 1 + in.bits(5);
          in.skip(32);
          removalBits = 1 + in.bits(5);
          int bits = 1 + in.bits(5);
          presentationBits = equal ? 0 : bits;
        }
      }
      points = operatingPoints(in, model, delayBits);
    }
    int widthBits = 1 + in.bits(4);
    int heightBits = 1 + in.bits(4);
    int width = 1 + in.bits(widthBits);
    int height = 1 + in.bits(heightBits);
    int deltaIdBits = 0;
    int idBits = 0;
    if (!reduced && in.flag()) { // frame_id_numbers_present_flag
      deltaIdBits = 2 + in.bits(4);
      idBits = deltaIdBits + 1 + in.bits(3);
    }
    boolean largeBlocks = in.flag();
    in.skip(2); // enable_filter_intra, enable_intra_edge_filter
    boolean warped = false;
    boolean referenceMotion = false;
    int screen = SELECT;
    int integer = SELECT;
    int hintBits = 0;
    if (!reduced) {
      in.skip(2); // enable_interintra_compound, enable_masked_compound
      warped = in.flag();
      in.skip(1); // enable_dual_filter
      boolean hints = in.flag();
      if (hints) {
        in.skip(1); // enable_jnt_comp
        referenceMotion = in.flag();
      }
      screen = in.flag() ? SELECT : in.bits(1);
      if (screen > 0) {
        integer = in.flag() ? SELECT : in.bits(1);
      }
      hintBits = hints ? 1 + in.bits(3) : 0;
    }
    boolean superres = in.flag();
    boolean cdef = in.flag();
    boolean restoration = in.flag();
    Colours colours = Colours.read(in, profile);
    return new FrameSequence(
        reduced,
        presentationBits,
        model,
        removalBits,
        points,
        widthBits,
        heightBits,
        width,
        height,
        deltaIdBits,
        idBits,
        largeBlocks,
        warped,
        referenceMotion,
        screen,
        integer,
        hintBits,
        superres,
        cdef,
        restoration,
        colours.monochrome,
        colours.subsampledX,
        colours.subsampledY,
        colours.separateDeltas,
        in.flag());
  }

  private static int[] operatingPoints(BitReader in, boolean model, int delayBits) {
    boolean displayDelays = in.flag();
    int[] points = new int[1 + in.bits(5)];
    for (int i = 0; i < points.length; i++) {
      points[i] = in.bits(12);
      if (in.bits(5) > 7) {
        in.skip(1);
      }
      boolean modelled = model && in.flag();
      if (modelled) {
        in.skip(2L * delayBits + 1);
      } else {
        points[i] = -1;
      }
      if (displayDelays && in.flag()) {
        in.skip(4);
      }
    }
    return points;
  }

  /** color_config(), §5.5.2. */
  private record Colours(
      boolean monochrome, boolean subsampledX, boolean subsampledY, boolean separateDeltas) {
    static Colours read(BitReader in, int profile) {
      boolean high = in.flag();
      boolean twelve = profile == 2 && high && in.flag();
      boolean monochrome = profile != 1 && in.flag();
      boolean rgb = false;
      if (in.flag()) { // color_description_present_flag
        int primaries = in.bits(8);
        int transfer = in.bits(8);
        rgb = in.bits(8) == 0 && primaries == 1 && transfer == 13;
      }
      if (monochrome) {
        in.skip(1);
        return new Colours(true, true, true, false);
      }
      if (rgb) {
        return new Colours(false, false, false, in.flag());
      }
      in.skip(1); // color_range
      boolean x = profile == 0 || (profile == 2 && (!twelve || in.flag()));
      boolean y = profile == 0 || (profile == 2 && twelve && x && in.flag());
      if (x && y) {
        in.skip(2);
      }
      return new Colours(false, x, y, in.flag());
    }
  }
}
