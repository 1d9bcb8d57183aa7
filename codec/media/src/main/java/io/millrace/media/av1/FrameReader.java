package io.millrace.media.av1;

import io.millrace.media.bits.BitReader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One uncompressed_header() (AV1 specification §5.9.2), read to learn where it ends, how the frame
 * is cut into tiles and what it leaves for the headers of later frames.
 */
final class FrameReader {
  static final int REFERENCES = 8;
  private static final int ALL = 0xFF;
  private static final int NONE = 7;
  private static final int KEY = 0;
  private static final int INTRA_ONLY = 2;
  private static final int SWITCH = 3;
  private static final int USED_REFERENCES = 7;
  private static final int SEGMENTS = 8;
  private static final int[] FEATURE_BITS = {8, 6, 6, 6, 6, 3, 0, 0};
  private static final int SIGNED_FEATURES = 5;

  private final BitReader in;
  private final FrameSequence sequence;
  private final @Nullable Reference[] references;
  private final int layers;

  // What is read.
  private int frameType;
  private boolean showFrame = true;
  private boolean showable;
  private boolean errorResilient = true;
  private boolean intra;
  private int orderHint;
  private int primary = NONE;
  private int refresh = ALL;
  private boolean intraBlockCopy;
  private boolean highPrecision;
  private int width;
  private int upscaledWidth;
  private int height;
  private final int[] used = new int[USED_REFERENCES];
  private int baseQuantiser;
  private boolean quantiserDeltas;
  private int[] segmentDeltas = noDeltas();
  private boolean segmentation;
  private int[][] motion = GlobalMotion.identity();

  /**
   * @param references the eight slots; changed only by {@link #read}
   * @param layers temporal_id << 2 | spatial_id
   */
  FrameReader(BitReader in, FrameSequence sequence, @Nullable Reference[] references, int layers) {
    this.in = in;
    this.sequence = sequence;
    this.references = references;
    this.layers = layers;
  }

  /** Reads the header and updates the slots; null for a frame that is only shown again. */
  @Nullable TileInfo read() {
    if (!sequence.reduced()) {
      if (in.flag()) { // show_existing_frame
        showExisting();
        return null;
      }
      frameType = in.bits(2);
      showFrame = in.flag();
      if (showFrame) {
        in.skip(sequence.presentationTimeBits());
        showable = frameType != KEY;
      } else {
        showable = in.flag();
      }
      errorResilient = frameType == SWITCH || (frameType == KEY && showFrame) || in.flag();
    }
    intra = frameType == KEY || frameType == INTRA_ONLY;
    if (frameType == KEY && showFrame) {
      Arrays.fill(references, null);
    }
    TileInfo tiles = body();
    Reference left =
        new Reference(frameType, orderHint, upscaledWidth, height, motion, segmentDeltas);
    for (int i = 0; i < REFERENCES; i++) {
      if ((refresh >> i & 1) != 0) {
        references[i] = left;
      }
    }
    return tiles;
  }

  private void showExisting() {
    Reference shown = reference(in.bits(3));
    in.skip(sequence.presentationTimeBits());
    in.skip(sequence.frameIdBits());
    if (shown.frameType() == KEY) {
      Arrays.fill(references, shown);
    }
  }

  private Reference reference(int slot) {
    Reference found = references[slot];
    if (found == null) {
      throw in.malformed("refers to a frame that has not come");
    }
    return found;
  }

  private TileInfo body() {
    boolean frozenCdfs = in.flag(); // disable_cdf_update
    int screen = sequence.screenContentTools();
    boolean screenContent = screen == FrameSequence.SELECT ? in.flag() : screen == 1;
    boolean integerMotion = false;
    if (screenContent) {
      int forced = sequence.integerMotion();
      integerMotion = forced == FrameSequence.SELECT ? in.flag() : forced == 1;
    }
    in.skip(sequence.frameIdBits()); // current_frame_id
    boolean ownSize = frameType == SWITCH || (!sequence.reduced() && in.flag());
    orderHint = in.bits(sequence.orderHintBits());
    primary = intra || errorResilient ? NONE : in.bits(3);
    if (sequence.decoderModel()) {
      removalTimes();
    }
    refresh = frameType == SWITCH || (frameType == KEY && showFrame) ? ALL : in.bits(8);
    if ((!intra || refresh != ALL) && errorResilient && sequence.orderHintBits() > 0) {
      orderHints();
    }
    if (intra) {
      size(ownSize);
      intraBlockCopy = screenContent && upscaledWidth == width && in.flag();
    } else {
      inter(ownSize, integerMotion);
    }
    if (!sequence.reduced() && !frozenCdfs) {
      in.skip(1); // disable_frame_end_update_cdf
    }
    TileInfo tiles = TileInfo.read(in, width, height, sequence.largeBlocks());
    quantisation();
    segmentation();
    boolean lossless = deltas();
    filters(lossless);
    if (!lossless) {
      in.skip(1); // tx_mode_select
    }
    boolean compound = !intra && in.flag(); // reference_select
    if (compound && sequence.orderHintBits() > 0 && skipModeAllowed()) {
      in.skip(1);
    }
    if (!intra && !errorResilient && sequence.warpedMotion()) {
      in.skip(1); // allow_warped_motion
    }
    in.skip(1); // reduced_tx_set
    if (!intra) {
      int[][] before =
          primary == NONE ? GlobalMotion.identity() : reference(used[primary]).motion();
      motion = GlobalMotion.read(in, before, highPrecision);
    }
    if (sequence.filmGrain() && (showFrame || showable)) {
      FilmGrain.skip(in, sequence, frameType);
    }
    return tiles;
  }

  private void removalTimes() {
    if (!in.flag()) { // buffer_removal_time_present_flag
      return;
    }
    int temporal = layers >> 2;
    int spatial = layers & 3;
    for (int point : sequence.operatingPoints()) {
      boolean mine =
          point == 0 || ((point >> temporal & 1) != 0 && (point >> (spatial + 8) & 1) != 0);
      if (point >= 0 && mine) {
        in.skip(sequence.removalTimeBits());
      }
    }
  }

  /** ref_order_hint[]: a slot that says otherwise is lost, and stands for a grey frame. */
  private void orderHints() {
    for (int i = 0; i < REFERENCES; i++) {
      int hint = in.bits(sequence.orderHintBits());
      Reference known = references[i];
      if (known == null || known.orderHint() != hint) {
        references[i] =
            new Reference(
                INTRA_ONLY,
                hint,
                sequence.maximumWidth(),
                sequence.maximumHeight(),
                GlobalMotion.identity(),
                noDeltas());
      }
    }
  }

  /** frame_size() and render_size(). */
  private void size(boolean ownSize) {
    upscaledWidth = ownSize ? 1 + in.bits(sequence.widthBits()) : sequence.maximumWidth();
    height = ownSize ? 1 + in.bits(sequence.heightBits()) : sequence.maximumHeight();
    superres();
    if (in.flag()) { // render_and_frame_size_different
      in.skip(32);
    }
  }

  private void superres() {
    width = upscaledWidth;
    if (sequence.superres() && in.flag()) {
      int denominator = 9 + in.bits(3);
      width = (upscaledWidth * 8 + denominator / 2) / denominator;
    }
  }

  private void inter(boolean ownSize, boolean integerMotion) {
    boolean abbreviated = sequence.orderHintBits() > 0 && in.flag();
    if (abbreviated) { // frame_refs_short_signaling
      int last = in.bits(3);
      int golden = in.bits(3);
      new ReferenceChoice(references, sequence.orderHintBits(), orderHint, in)
          .choose(last, golden, used);
    }
    for (int i = 0; i < USED_REFERENCES; i++) {
      if (!abbreviated) {
        used[i] = in.bits(3);
      }
      in.skip(sequence.deltaFrameIdBits()); // delta_frame_id_minus_1
    }
    if (ownSize && !errorResilient) {
      sizeOfReference();
    } else {
      size(ownSize);
    }
    highPrecision = !integerMotion && in.flag();
    if (!in.flag()) { // is_filter_switchable
      in.skip(2);
    }
    in.skip(1); // is_motion_mode_switchable
    if (!errorResilient && sequence.referenceMotion()) {
      in.skip(1); // use_ref_frame_mvs
    }
  }

  /** frame_size_with_refs(). */
  private void sizeOfReference() {
    for (int slot : used) {
      if (in.flag()) { // found_ref
        upscaledWidth = reference(slot).upscaledWidth();
        height = reference(slot).height();
        superres();
        return;
      }
    }
    size(true);
  }

  private void quantisation() {
    baseQuantiser = in.bits(8);
    quantiserDeltas = delta();
    if (!sequence.monochrome()) {
      boolean different = sequence.separateChromaDeltas() && in.flag();
      for (int i = 0; i < (different ? 4 : 2); i++) {
        quantiserDeltas |= delta();
      }
    }
    if (in.flag()) { // using_qmatrix
      in.skip(sequence.separateChromaDeltas() ? 12 : 8);
    }
  }

  /** read_delta_q(): true when it is not 0. */
  private boolean delta() {
    return in.flag() && in.bits(7) != 0;
  }

  private void segmentation() {
    segmentation = in.flag();
    if (!segmentation) {
      return;
    }
    boolean updates = true;
    if (primary != NONE) {
      segmentDeltas = reference(used[primary]).quantiserDeltas();
      if (in.flag()) { // segmentation_update_map
        in.skip(1);
      }
      updates = in.flag();
    }
    if (!updates) {
      return;
    }
    segmentDeltas = noDeltas();
    for (int segment = 0; segment < SEGMENTS; segment++) {
      for (int feature = 0; feature < FEATURE_BITS.length; feature++) {
        if (!in.flag()) {
          continue;
        }
        if (feature == 0) {
          int value = in.bits(9);
          segmentDeltas[segment] = value >= 1 << 8 ? value - (1 << 9) : value;
        } else {
          in.skip(FEATURE_BITS[feature] + (feature < SIGNED_FEATURES ? 1 : 0));
        }
      }
    }
  }

  /** delta_q_params(), delta_lf_params(); true for CodedLossless. */
  private boolean deltas() {
    if (baseQuantiser > 0 && in.flag()) { // delta_q_present
      in.skip(2);
      if (!intraBlockCopy && in.flag()) { // delta_lf_present
        in.skip(3);
      }
    }
    if (quantiserDeltas) {
      return false;
    }
    for (int i = 0; i < SEGMENTS; i++) {
      boolean own = segmentation && segmentDeltas[i] != Integer.MIN_VALUE;
      if (Math.clamp(baseQuantiser + (own ? (long) segmentDeltas[i] : 0), 0, 255) != 0) {
        return false;
      }
    }
    return true;
  }

  private void filters(boolean lossless) {
    boolean chroma = !sequence.monochrome();
    if (!lossless && !intraBlockCopy) {
      loopFilter(chroma);
      if (sequence.cdef()) {
        in.skip(2); // cdef_damping_minus_3
        int strengths = 1 << in.bits(2);
        in.skip((long) strengths * (chroma ? 12 : 6));
      }
    }
    boolean allLossless = lossless && width == upscaledWidth;
    if (!allLossless && !intraBlockCopy && sequence.restoration()) {
      restoration(chroma);
    }
  }

  private void loopFilter(boolean chroma) {
    boolean levels = in.bits(12) != 0;
    if (chroma && levels) {
      in.skip(12);
    }
    in.skip(3); // loop_filter_sharpness
    boolean deltas = in.flag(); // loop_filter_delta_enabled
    if (deltas && in.flag()) { // loop_filter_delta_update
      for (int i = 0; i < 8 + 2; i++) {
        in.skip(in.flag() ? 7 : 0);
      }
    }
  }

  /** lr_params(), §5.9.20. */
  private void restoration(boolean chroma) {
    boolean luma = in.bits(2) != 0;
    boolean colours = false;
    for (int plane = 1; chroma && plane < 3; plane++) {
      colours |= in.bits(2) != 0;
    }
    if (!luma && !colours) {
      return;
    }
    boolean larger = in.flag(); // lr_unit_shift
    if (!sequence.largeBlocks() && larger) {
      in.skip(1); // lr_unit_extra_shift
    }
    if (sequence.subsampledX() && sequence.subsampledY() && colours) {
      in.skip(1); // lr_uv_shift
    }
  }

  /** skip_mode_params(), §5.9.22: a reference before, and one behind or a second one before. */
  private boolean skipModeAllowed() {
    int forward = Integer.MIN_VALUE;
    int backward = Integer.MAX_VALUE;
    for (int slot : used) {
      int distance = distance(reference(slot).orderHint(), orderHint);
      if (distance < 0) {
        forward = Math.max(forward, distance);
      } else if (distance > 0) {
        backward = Math.min(backward, distance);
      }
    }
    if (forward == Integer.MIN_VALUE) {
      return false;
    }
    if (backward != Integer.MAX_VALUE) {
      return true;
    }
    for (int slot : used) {
      if (distance(reference(slot).orderHint(), orderHint) < forward) {
        return true;
      }
    }
    return false;
  }

  private int distance(int a, int b) {
    return ReferenceChoice.distance(a, b, sequence.orderHintBits());
  }

  private static int[] noDeltas() {
    int[] deltas = new int[SEGMENTS];
    Arrays.fill(deltas, Integer.MIN_VALUE);
    return deltas;
  }
}
