package io.millrace.media.hevc;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the data of a slice segment begins: behind slice_segment_header() (ITU-T H.265 §7.3.6.1),
 * which encryption leaves in the clear. Keeps the parameter sets that headers refer to; those in
 * the samples are given to {@link #parameterSet}. Not thread-safe.
 */
public final class SliceHeaders {
  private static final int MAXIMUM_SIZE_BYTES = 16_384;
  private static final int MAXIMUM_REFERENCES = 15;
  private static final int LAST_SLICE = 31;
  private static final int B = 0;
  private static final int I = 2;

  private final Map<Integer, SliceSequence> sequences = new HashMap<>();
  private final Map<Integer, SlicePicture> pictures = new HashMap<>();

  /** Knows the parameter sets of {@code configuration}. */
  public SliceHeaders(HevcConfiguration configuration) {
    configuration.sequenceParameterSets().forEach(this::parameterSet);
    configuration.pictureParameterSets().forEach(this::parameterSet);
  }

  /** True for a unit that holds coded slice data. */
  public static boolean isSliceData(int nalUnitType) {
    return nalUnitType <= LAST_SLICE;
  }

  /**
   * Takes a sequence or picture parameter set, header included; other units are ignored.
   *
   * @throws MediaFormatException malformed
   */
  public void parameterSet(byte[] nalUnit) {
    switch (NalUnits.typeOf(nalUnit[0] & 0xFF)) {
      case NalUnits.SPS -> {
        SliceSequence sequence = SliceSequence.parse(nalUnit);
        sequences.put(sequence.id(), sequence);
      }
      case NalUnits.PPS -> {
        SlicePicture picture = SlicePicture.parse(nalUnit);
        pictures.put(picture.id(), picture);
      }
      default -> {}
    }
  }

  /** How much of a slice's NAL unit {@link #sizeBytes} has to see. */
  public static int neededBytes(int nalSizeBytes) {
    return Math.min(nalSizeBytes, MAXIMUM_SIZE_BYTES);
  }

  /**
   * Size of NAL unit header and slice segment header, in whole bytes of the unit as it is sent.
   *
   * @param start the first {@link #neededBytes} of the unit
   * @throws MediaFormatException malformed, or without its parameter sets; unsupported for further
   *     layers
   */
  public int sizeBytes(byte[] start) {
    byte[] plain = EmulationPrevention.remove(start);
    BitReader in = new BitReader("HEVC slice header", plain);
    read(in);
    in.skip(1 + (in.bitsLeft() + 7) % 8); // byte_alignment()
    int usedBytes = plain.length - (int) (in.bitsLeft() / 8);
    return EmulationPrevention.escapedSize(start, usedBytes);
  }

  private void read(BitReader in) {
    int header = in.bits(16);
    int unitType = NalUnits.typeOf(header >> 8);
    if ((header >> 3 & 0x3F) != 0) {
      throw MediaFormatException.unsupported("encryption of HEVC with several layers");
    }
    boolean first = in.flag();
    if (unitType >= NalUnits.BLA_W_LP && unitType <= NalUnits.LAST_IRAP) {
      in.skip(1); // no_output_of_prior_pics_flag
    }
    SlicePicture picture = pictures.get(in.ue("slice_pic_parameter_set_id", 63));
    SliceSequence sequence = picture == null ? null : sequences.get(picture.sequenceId());
    if (picture == null || sequence == null) {
      throw in.malformed("refers to parameter sets that have not come");
    }
    boolean dependent = false;
    if (!first) {
      dependent = picture.dependentSegments() && in.flag();
      in.skip(sequence.addressBits());
    }
    if (!dependent) {
      independent(in, unitType, picture, sequence);
    }
    if (picture.entryPoints()) {
      long count = in.ue();
      if (count > 0) {
        in.skip(Math.multiplyExact(count, 1 + (long) in.ue("offset_len_minus1", 31)));
      }
    }
    if (picture.headerExtension()) {
      in.skip(8L * in.ue("slice_segment_header_extension_length", 256));
    }
  }

  private static void independent(
      BitReader in, int unitType, SlicePicture picture, SliceSequence sequence) {
    in.skip(picture.extraHeaderBits());
    int type = in.ue("slice_type", 2);
    if (picture.outputFlagPresent()) {
      in.skip(1);
    }
    if (sequence.separatePlanes()) {
      in.skip(2);
    }
    int current = 0;
    boolean temporalPrediction = false;
    if (unitType != NalUnits.IDR_W_RADL && unitType != NalUnits.IDR_N_LP) {
      current = references(in, sequence);
      temporalPrediction = sequence.temporalPrediction() && in.flag();
    }
    boolean offsets = false;
    if (sequence.adaptiveOffset()) {
      offsets = in.flag();
      offsets |= sequence.chromaArrayType() != 0 && in.flag();
    }
    if (type != I) {
      prediction(in, type == B, current, temporalPrediction, picture, sequence);
    }
    in.se(); // slice_qp_delta
    if (picture.chromaOffsetsPresent()) {
      in.se();
      in.se();
    }
    if (picture.chromaOffsetLists()) {
      in.skip(1); // cu_chroma_qp_offset_enabled_flag
    }
    boolean disabled = picture.deblockingDisabled();
    if (picture.deblockingOverride() && in.flag()) {
      disabled = in.flag();
      if (!disabled) {
        in.se();
        in.se();
      }
    }
    if (picture.filterAcrossSlices() && (offsets || !disabled)) {
      in.skip(1); // slice_loop_filter_across_slices_enabled_flag
    }
  }

  /** Returns NumPicTotalCurr (equation 7-55). */
  private static int references(BitReader in, SliceSequence sequence) {
    in.skip(sequence.orderBits());
    int sets = sequence.referenceSets().size();
    ReferenceSet set;
    if (!in.flag()) { // short_term_ref_pic_set_sps_flag
      set = ReferenceSet.readOfSlice(in, sequence.referenceSets());
    } else {
      int index = sets > 1 ? in.bits(bitsFor(sets)) : 0;
      if (index >= sets) {
        throw in.malformed("short_term_ref_pic_set_idx is " + index + " of " + sets);
      }
      set = sequence.referenceSets().get(index);
    }
    int current = set.usedCount();
    if (!sequence.longTermPresent()) {
      return current;
    }
    int known = sequence.longTermSets();
    int fromSequence = known > 0 ? in.ue("num_long_term_sps", known) : 0;
    int own = in.ue("num_long_term_pics", 32);
    for (int i = 0; i < fromSequence + own; i++) {
      boolean used;
      if (i < fromSequence) {
        int index = known > 1 ? in.bits(bitsFor(known)) : 0;
        used = index < known && sequence.longTermUsed().get(index);
      } else {
        in.skip(sequence.orderBits());
        used = in.flag();
      }
      current += used ? 1 : 0;
      if (in.flag()) { // delta_poc_msb_present_flag
        in.ue();
      }
    }
    return current;
  }

  private static void prediction(
      BitReader in,
      boolean bi,
      int current,
      boolean temporalPrediction,
      SlicePicture picture,
      SliceSequence sequence) {
    int first = picture.defaultReferences0();
    int second = bi ? picture.defaultReferences1() : 0;
    if (in.flag()) { // num_ref_idx_active_override_flag
      first = 1 + in.ue("num_ref_idx_l0_active_minus1", MAXIMUM_REFERENCES - 1);
      second = bi ? 1 + in.ue("num_ref_idx_l1_active_minus1", MAXIMUM_REFERENCES - 1) : 0;
    }
    if (picture.listModification() && current > 1) {
      in.skip(in.flag() ? (long) first * bitsFor(current) : 0);
      if (bi) {
        in.skip(in.flag() ? (long) second * bitsFor(current) : 0);
      }
    }
    if (bi) {
      in.skip(1); // mvd_l1_zero_flag
    }
    if (picture.cabacInitPresent()) {
      in.skip(1);
    }
    if (temporalPrediction) {
      boolean fromFirst = !bi || in.flag(); // collocated_from_l0_flag
      if ((fromFirst ? first : second) > 1) {
        in.ue("collocated_ref_idx", MAXIMUM_REFERENCES);
      }
    }
    if (bi ? picture.weightedBi() : picture.weighted()) {
      boolean chroma = sequence.chromaArrayType() != 0;
      in.ue(); // luma_log2_weight_denom
      if (chroma) {
        in.se();
      }
      weights(in, first, chroma);
      weights(in, second, chroma);
    }
    in.ue("five_minus_max_num_merge_cand", 4);
  }

  /** One list of pred_weight_table(), §7.3.6.3. */
  private static void weights(BitReader in, int count, boolean chroma) {
    boolean[] lumas = new boolean[count];
    boolean[] chromas = new boolean[count];
    for (int i = 0; i < count; i++) {
      lumas[i] = in.flag();
    }
    for (int i = 0; chroma && i < count; i++) {
      chromas[i] = in.flag();
    }
    for (int i = 0; i < count; i++) {
      int values = (lumas[i] ? 2 : 0) + (chromas[i] ? 4 : 0);
      for (int j = 0; j < values; j++) {
        in.se();
      }
    }
  }

  /** Ceil(Log2(count)). */
  private static int bitsFor(int count) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(count - 1);
  }
}
