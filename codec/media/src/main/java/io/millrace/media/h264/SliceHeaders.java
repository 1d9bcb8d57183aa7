package io.millrace.media.h264;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the data of a slice begins: behind slice_header() (ITU-T H.264 §7.3.3), which encryption
 * leaves in the clear. Keeps the parameter sets that headers refer to; those in the samples are
 * given to {@link #parameterSet}. Not thread-safe.
 */
public final class SliceHeaders {
  private static final String STRUCTURE = "H.264 slice header";

  /** Two lists of 32 references with weights for three planes, and the rest. */
  private static final int MAXIMUM_SIZE_BYTES = 4_096;

  private static final int MAXIMUM_REFERENCES = 32;
  private static final int MAXIMUM_COMMANDS = 66;
  private static final int NON_IDR_SLICE = 1;

  /** slice_type modulo 5, Table 7-6; the one that is left is P. */
  private static final int B = 1;

  private static final int I = 2;
  private static final int SP = 3;
  private static final int SI = 4;

  private final Map<Integer, SliceSequence> sequences = new HashMap<>();
  private final Map<Integer, SlicePicture> pictures = new HashMap<>();

  /** Knows the parameter sets of {@code configuration}. */
  public SliceHeaders(AvcConfiguration configuration) {
    configuration.sequenceParameterSets().forEach(this::parameterSet);
    configuration.pictureParameterSets().forEach(this::parameterSet);
  }

  /** True for a unit that holds coded slice data, in whatever form. */
  public static boolean isSliceData(int nalUnitType) {
    return (nalUnitType >= NON_IDR_SLICE && nalUnitType <= NalUnits.IDR_SLICE)
        || (nalUnitType >= 19 && nalUnitType <= 21);
  }

  /**
   * Takes a sequence or picture parameter set, header included; other units are ignored.
   *
   * @throws MediaFormatException malformed
   */
  public void parameterSet(byte[] nalUnit) {
    switch (nalUnit[0] & 0x1F) {
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
   * Size of NAL unit header and slice header, in whole bytes of the unit as it is sent.
   *
   * @param start the first {@link #neededBytes} of the unit
   * @throws MediaFormatException malformed, or without its parameter sets; unsupported for data
   *     partitions, auxiliary pictures and further views
   */
  public int sizeBytes(byte[] start) {
    byte[] plain = EmulationPrevention.remove(start);
    BitReader in = new BitReader(STRUCTURE, plain);
    read(in);
    int usedBytes = plain.length - (int) (in.bitsLeft() / 8);
    return EmulationPrevention.escapedSize(start, usedBytes);
  }

  private void read(BitReader in) {
    int header = in.bits(8);
    int unitType = header & 0x1F;
    boolean idr = unitType == NalUnits.IDR_SLICE;
    if (!idr && unitType != NON_IDR_SLICE) {
      throw MediaFormatException.unsupported("encryption of H.264 NAL unit type " + unitType);
    }
    in.ue(); // first_mb_in_slice
    int type = in.ue("slice_type", 9) % 5;
    int pictureId = in.ue("pic_parameter_set_id", 255);
    SlicePicture picture = pictures.get(pictureId);
    SliceSequence sequence = picture == null ? null : sequences.get(picture.sequenceId());
    if (picture == null || sequence == null) {
      throw in.malformed("refers to parameter sets that have not come");
    }
    if (sequence.separatePlanes()) {
      in.skip(2); // colour_plane_id
    }
    in.skip(sequence.frameNumberBits());
    boolean field = false;
    if (!sequence.framesOnly()) {
      field = in.flag();
      in.skip(field ? 1 : 0); // bottom_field_flag
    }
    if (idr) {
      in.ue(); // idr_pic_id
    }
    pictureOrder(in, sequence, picture.orderPresent() && !field);
    if (picture.redundantPresent()) {
      in.ue(); // redundant_pic_cnt
    }
    references(in, type, picture, sequence);
    if ((header >> 5 & 3) != 0) {
      marking(in, idr);
    }
    tail(in, type, picture, sequence);
  }

  private static void pictureOrder(BitReader in, SliceSequence sequence, boolean deltas) {
    if (sequence.orderType() == 0) {
      in.skip(sequence.orderBits());
      if (deltas) {
        in.se(); // delta_pic_order_cnt_bottom
      }
    } else if (sequence.orderType() == 1 && !sequence.orderDeltaAlwaysZero()) {
      in.se();
      if (deltas) {
        in.se();
      }
    }
  }

  private static void references(
      BitReader in, int type, SlicePicture picture, SliceSequence sequence) {
    boolean bi = type == B;
    if (bi) {
      in.skip(1); // direct_spatial_mv_pred_flag
    }
    if (type == I || type == SI) {
      return;
    }
    int first = picture.defaultReferences0();
    int second = picture.defaultReferences1();
    if (in.flag()) { // num_ref_idx_active_override_flag
      first = 1 + in.ue("num_ref_idx_l0_active_minus1", MAXIMUM_REFERENCES - 1);
      second = bi ? 1 + in.ue("num_ref_idx_l1_active_minus1", MAXIMUM_REFERENCES - 1) : 0;
    }
    listModification(in);
    if (bi) {
      listModification(in);
    }
    boolean weights = bi ? picture.weightedBi() == 1 : picture.weighted();
    if (weights) {
      boolean chroma = sequence.chromaArrayType() != 0;
      in.ue(); // luma_log2_weight_denom
      if (chroma) {
        in.ue();
      }
      weights(in, first, chroma);
      if (bi) {
        weights(in, second, chroma);
      }
    }
  }

  /** ref_pic_list_modification() of one list, §7.3.3.1. */
  private static void listModification(BitReader in) {
    if (!in.flag()) {
      return;
    }
    for (int i = 0; i <= MAXIMUM_COMMANDS; i++) {
      if (in.ue("modification_of_pic_nums_idc", 3) == 3) {
        return;
      }
      in.ue();
    }
    throw in.malformed("endless reference list modification");
  }

  /** One list of pred_weight_table(), §7.3.3.2. */
  private static void weights(BitReader in, int count, boolean chroma) {
    for (int i = 0; i < count; i++) {
      if (in.flag()) {
        in.se();
        in.se();
      }
      if (chroma && in.flag()) {
        for (int j = 0; j < 4; j++) {
          in.se();
        }
      }
    }
  }

  /** dec_ref_pic_marking(), §7.3.3.3. */
  private static void marking(BitReader in, boolean idr) {
    if (idr) {
      in.skip(2);
      return;
    }
    if (!in.flag()) { // adaptive_ref_pic_marking_mode_flag
      return;
    }
    for (int i = 0; i <= MAXIMUM_COMMANDS; i++) {
      int operation = in.ue("memory_management_control_operation", 6);
      switch (operation) {
        case 0 -> {
          return;
        }
        case 3 -> {
          in.ue();
          in.ue();
        }
        case 5 -> {}
        default -> in.ue();
      }
    }
    throw in.malformed("endless reference marking");
  }

  private static void tail(BitReader in, int type, SlicePicture picture, SliceSequence sequence) {
    if (picture.cabac() && type != I && type != SI) {
      in.ue("cabac_init_idc", 2);
    }
    in.se(); // slice_qp_delta
    if (type == SP) {
      in.skip(1); // sp_for_switch_flag
    }
    if (type == SP || type == SI) {
      in.se(); // slice_qs_delta
    }
    if (picture.deblockingControl() && in.ue("disable_deblocking_filter_idc", 2) != 1) {
      in.se();
      in.se();
    }
    if (picture.groupChangeRate() > 0) {
      long cycles = Math.ceilDiv((long) sequence.mapUnits(), picture.groupChangeRate()) + 1;
      in.skip(Long.SIZE - Long.numberOfLeadingZeros(cycles - 1)); // slice_group_change_cycle
    }
  }
}
