/*
 * The part of SVT-AV1's application binary interface that the shim touches, for libSvtAv1Enc 1.4 to 4.x
 * (EbSvtAv1.h, EbSvtAv1Enc.h, EbSvtAv1ErrorCodes.h of those releases). The configuration structure is not here on
 * purpose: it changes with every release, so it stays an opaque block that only svt_av1_enc_parse_parameter() writes.
 *
 *   EbBufferHeaderType                      1.4 – 2.x   3.0 – 4.x
 *     size, p_buffer … dts, pts             0 … 64      0 … 64
 *     temporal_layer_index                  –           64
 *     qp                                    64          68
 *     avg_qp                                –           72
 *     pic_type                              68          76
 *     luma_sse, cr_sse, cb_sse              72          80
 *     flags                                 96          104
 *     luma_ssim … metadata                  104         112
 *     (whole)                               136         144
 */
#ifndef MILLRACE_SVTAV1_ABI_H
#define MILLRACE_SVTAV1_ABI_H

#include <stddef.h>
#include <stdint.h>

enum {
  SVT_MIN_MAJOR = 1,
  SVT_MIN_MINOR = 4,
  SVT_MAX_MAJOR = 4,

  SVT_OK = 0,
  SVT_NO_ERROR_EMPTY_QUEUE = (int)0x80002033, /* EB_NoErrorEmptyQueue: no packet yet */

  SVT_PICTURE_INTER = 0,      /* EB_AV1_INTER_PICTURE */
  SVT_PICTURE_KEY = 3,        /* EB_AV1_KEY_PICTURE */
  SVT_PICTURE_UNSET = 0xFF,   /* EB_AV1_INVALID_PICTURE: the encoder decides */
  SVT_FLAG_EOS = 1,           /* EB_BUFFERFLAG_EOS */
  SVT_COLOUR_420 = 1,         /* EB_YUV420 */
  SVT_EVENT_RATE_CHANGE = 4,  /* RATE_CHANGE_EVENT, since 2.0 */

  SVT_CONFIGURATION_BYTES = 65536 /* the largest known is 1720 */
};

typedef int32_t svt_error;

typedef struct svt_component {
  uint32_t size;
  void *component_private;
  void *application_private;
} svt_component;

typedef struct svt_header_v1 {
  uint32_t size;
  uint8_t *buffer;
  uint32_t filled_bytes, alloc_bytes;
  void *app_private, *wrapper;
  uint32_t tick_count;
  int64_t dts, pts;
  uint32_t qp;
  uint32_t picture_type;
  uint64_t luma_sse, cr_sse, cb_sse;
  uint32_t flags;
  double luma_ssim, cr_ssim, cb_ssim;
  void *metadata;
} svt_header_v1;

typedef struct svt_header_v3 {
  uint32_t size;
  uint8_t *buffer;
  uint32_t filled_bytes, alloc_bytes;
  void *app_private, *wrapper;
  uint32_t tick_count;
  int64_t dts, pts;
  uint8_t temporal_layer_index;
  uint32_t qp, avg_qp;
  uint32_t picture_type;
  uint64_t luma_sse, cr_sse, cb_sse;
  uint32_t flags;
  double luma_ssim, cr_ssim, cb_ssim;
  void *metadata;
} svt_header_v3;

/* Every field before the tail is at the same place in both. */
typedef union svt_header {
  svt_header_v1 v1;
  svt_header_v3 v3;
} svt_header;

/* EbSvtIOFormat: 1.4 (88 bytes), 1.5 to 2.x (64), from 3.0 (40). Strides are in samples; cr comes before cb. */
typedef struct svt_planes_v14 {
  uint8_t *y, *cb, *cr;
  void *y_ext, *cb_ext, *cr_ext;
  uint32_t y_stride, cr_stride, cb_stride;
  uint32_t width, height, origin_x, origin_y;
  int32_t colour_format, bit_depth;
} svt_planes_v14;

typedef struct svt_planes_v15 {
  uint8_t *y, *cb, *cr;
  uint32_t y_stride, cr_stride, cb_stride;
  uint32_t width, height, origin_x, origin_y;
  int32_t colour_format, bit_depth;
} svt_planes_v15;

typedef struct svt_planes_v3 {
  uint8_t *y, *cb, *cr;
  uint32_t y_stride, cr_stride, cb_stride;
} svt_planes_v3;

typedef union svt_planes {
  svt_planes_v14 v14;
  svt_planes_v15 v15;
  svt_planes_v3 v3;
} svt_planes;

/* EbPrivDataNode with its SvtAv1RateInfo. */
typedef struct svt_private_node {
  int32_t type;
  void *data;
  uint32_t size;
  struct svt_private_node *next;
} svt_private_node;

typedef struct svt_rate_info {
  uint32_t sequence_qp;
  uint32_t target_bit_rate;
} svt_rate_info;

_Static_assert(offsetof(svt_header_v1, pts) == 56, "pts");
_Static_assert(offsetof(svt_header_v1, qp) == 64 && offsetof(svt_header_v3, temporal_layer_index) == 64, "tail");
_Static_assert(offsetof(svt_header_v1, flags) == 96 && offsetof(svt_header_v3, flags) == 104, "flags");
_Static_assert(sizeof(svt_header_v1) == 136 && sizeof(svt_header_v3) == 144, "header");
_Static_assert(sizeof(svt_planes_v14) == 88 && sizeof(svt_planes_v15) == 64 && sizeof(svt_planes_v3) == 40, "planes");

#endif
