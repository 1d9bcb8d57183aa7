/*
 * JNI shim over SVT-AV1's encoder, opened at run time. One Java static method is one library call; which parameters to
 * set and when to call is decided in Java. A library and an encoder are each a pointer behind a tag that every entry
 * checks, so that a handle of the wrong kind throws instead of crashing. An encoder belongs to one thread at a time.
 */
#include "svtav1_abi.h"

#include <dlfcn.h>
#include <jni.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY(type, name) JNIEXPORT type JNICALL Java_io_millrace_natives_svtav1_SvtAv1Native_##name

enum { LIBRARY_TAG = 0x53765431, ENCODER_TAG = 0x53765432 };

typedef struct library {
  uint32_t tag;
  int major, minor, patch;
  atomic_int encoders;
  void *dl;
  svt_error (*init_handle_v1)(svt_component **, void *, void *);
  svt_error (*init_handle_v3)(svt_component **, void *);
  svt_error (*parse_parameter)(void *, const char *, const char *);
  svt_error (*set_parameter)(svt_component *, void *);
  svt_error (*init)(svt_component *);
  svt_error (*stream_header)(svt_component *, svt_header **);
  svt_error (*stream_header_release)(svt_header *);
  svt_error (*send_picture)(svt_component *, svt_header *);
  svt_error (*get_packet)(svt_component *, svt_header **, uint8_t);
  void (*release_out_buffer)(svt_header **);
  svt_error (*deinit)(svt_component *);
  svt_error (*deinit_handle)(svt_component *);
  const char *(*version)(void);
} library;

typedef struct encoder {
  uint32_t tag;
  library *lib;
  svt_component *component;
  void *configuration;
  svt_header *pending; /* received and not yet taken */
  svt_planes planes;
  svt_private_node node;
  svt_rate_info rate;
  uint32_t width, height;
  bool started, any_sent;
} encoder;

static void raise(JNIEnv *env, const char *type, const char *message) {
  jclass c = (*env)->FindClass(env, type);
  if (c != NULL) {
    (*env)->ThrowNew(env, c, message);
  }
}

static void bad_argument(JNIEnv *env, const char *message) {
  raise(env, "java/lang/IllegalArgumentException", message);
}

static void bad_state(JNIEnv *env, const char *message) {
  raise(env, "java/lang/IllegalStateException", message);
}

static library *library_of(JNIEnv *env, jlong handle) {
  library *lib = (library *)(intptr_t)handle;
  if (lib == NULL || lib->tag != LIBRARY_TAG) {
    bad_argument(env, "not an open SVT-AV1 library");
    return NULL;
  }
  return lib;
}

static encoder *encoder_of(JNIEnv *env, jlong handle) {
  encoder *enc = (encoder *)(intptr_t)handle;
  if (enc == NULL || enc->tag != ENCODER_TAG) {
    bad_argument(env, "not an open SVT-AV1 encoder");
    return NULL;
  }
  return enc;
}

static encoder *started_encoder_of(JNIEnv *env, jlong handle) {
  encoder *enc = encoder_of(env, handle);
  if (enc != NULL && !enc->started) {
    bad_state(env, "encoder is not started");
    return NULL;
  }
  return enc;
}

static bool find(library *lib, const char *name, void *slot) {
  void *symbol = dlsym(lib->dl, name);
  memcpy(slot, &symbol, sizeof symbol);
  return symbol != NULL;
}

static bool find_all(library *lib) {
  return find(lib, "svt_av1_get_version", &lib->version) &&
         find(lib, "svt_av1_enc_init_handle", &lib->init_handle_v1) &&
         find(lib, "svt_av1_enc_init_handle", &lib->init_handle_v3) &&
         find(lib, "svt_av1_enc_parse_parameter", &lib->parse_parameter) &&
         find(lib, "svt_av1_enc_set_parameter", &lib->set_parameter) &&
         find(lib, "svt_av1_enc_init", &lib->init) &&
         find(lib, "svt_av1_enc_stream_header", &lib->stream_header) &&
         find(lib, "svt_av1_enc_stream_header_release", &lib->stream_header_release) &&
         find(lib, "svt_av1_enc_send_picture", &lib->send_picture) &&
         find(lib, "svt_av1_enc_get_packet", &lib->get_packet) &&
         find(lib, "svt_av1_enc_release_out_buffer", &lib->release_out_buffer) &&
         find(lib, "svt_av1_enc_deinit", &lib->deinit) &&
         find(lib, "svt_av1_enc_deinit_handle", &lib->deinit_handle);
}

/* NULL when usable, else why not. */
static const char *check_version(library *lib) {
  const char *text = lib->version();
  if (text == NULL || sscanf(text, "v%d.%d.%d", &lib->major, &lib->minor, &lib->patch) < 2) {
    return "version is not of the form v1.2.3";
  }
  bool old = lib->major < SVT_MIN_MAJOR || (lib->major == SVT_MIN_MAJOR && lib->minor < SVT_MIN_MINOR);
  return old || lib->major > SVT_MAX_MAJOR ? "binary interface of this version is not known (1.4 to 4.x are)" : NULL;
}

ENTRY(jlong, openLibrary)(JNIEnv *env, jclass type, jstring path) {
  (void)type;
  if (path == NULL) {
    bad_argument(env, "path is null");
    return 0;
  }
  const char *chars = (*env)->GetStringUTFChars(env, path, NULL);
  if (chars == NULL) {
    return 0;
  }
  void *dl = dlopen(chars, RTLD_NOW | RTLD_LOCAL);
  (*env)->ReleaseStringUTFChars(env, path, chars);
  if (dl == NULL) {
    const char *why = dlerror();
    bad_state(env, why != NULL ? why : "dlopen failed");
    return 0;
  }
  library *lib = calloc(1, sizeof *lib);
  const char *why = "out of memory";
  if (lib != NULL) {
    lib->dl = dl;
    why = find_all(lib) ? check_version(lib) : "not an SVT-AV1 encoder library: a function is missing";
    if (why == NULL) {
      lib->tag = LIBRARY_TAG;
      return (jlong)(intptr_t)lib;
    }
  }
  free(lib);
  dlclose(dl);
  bad_state(env, why);
  return 0;
}

ENTRY(jint, libraryVersion)(JNIEnv *env, jclass type, jlong handle) {
  (void)type;
  library *lib = library_of(env, handle);
  return lib == NULL ? 0 : (lib->major & 0xFF) << 16 | (lib->minor & 0xFF) << 8 | (lib->patch & 0xFF);
}

ENTRY(void, closeLibrary)(JNIEnv *env, jclass type, jlong handle) {
  (void)type;
  library *lib = library_of(env, handle);
  if (lib == NULL) {
    return;
  }
  if (atomic_load(&lib->encoders) != 0) {
    bad_state(env, "library has open encoders");
    return;
  }
  lib->tag = 0;
  dlclose(lib->dl);
  free(lib);
}

static svt_error set_number(encoder *enc, const char *name, uint32_t value) {
  char text[16];
  snprintf(text, sizeof text, "%u", value);
  return enc->lib->parse_parameter(enc->configuration, name, text);
}

static void free_encoder(encoder *enc) {
  if (enc->component != NULL) {
    enc->lib->deinit_handle(enc->component);
  }
  atomic_fetch_sub(&enc->lib->encoders, 1);
  enc->tag = 0;
  free(enc->configuration);
  free(enc);
}

ENTRY(jlong, createEncoder)(JNIEnv *env, jclass type, jlong handle, jint width, jint height) {
  (void)type;
  library *lib = library_of(env, handle);
  if (lib == NULL) {
    return 0;
  }
  if (width < 64 || height < 64 || width > 16384 || height > 8704 || ((width | height) & 1) != 0) {
    bad_argument(env, "picture size must be even, 64x64 to 16384x8704");
    return 0;
  }
  encoder *enc = calloc(1, sizeof *enc);
  void *configuration = calloc(1, SVT_CONFIGURATION_BYTES);
  if (enc == NULL || configuration == NULL) {
    free(enc);
    free(configuration);
    raise(env, "java/lang/OutOfMemoryError", "native encoder state");
    return 0;
  }
  enc->tag = ENCODER_TAG;
  enc->lib = lib;
  enc->configuration = configuration;
  enc->width = (uint32_t)width;
  enc->height = (uint32_t)height;
  atomic_fetch_add(&lib->encoders, 1);
  svt_error error = lib->major >= 3 ? lib->init_handle_v3(&enc->component, configuration)
                                    : lib->init_handle_v1(&enc->component, NULL, configuration);
  if (error == SVT_OK) {
    error = set_number(enc, "width", enc->width);
  }
  if (error == SVT_OK) {
    error = set_number(enc, "height", enc->height);
  }
  if (error != SVT_OK) {
    free_encoder(enc);
    bad_state(env, "svt_av1_enc_init_handle failed");
    return 0;
  }
  return (jlong)(intptr_t)enc;
}

ENTRY(jint, setParameter)(JNIEnv *env, jclass type, jlong handle, jstring name, jstring value) {
  (void)type;
  encoder *enc = encoder_of(env, handle);
  if (enc == NULL) {
    return 0;
  }
  if (name == NULL || value == NULL || enc->started) {
    bad_argument(env, enc->started ? "encoder is started" : "name or value is null");
    return 0;
  }
  svt_error error = SVT_OK;
  const char *name_chars = (*env)->GetStringUTFChars(env, name, NULL);
  const char *value_chars = name_chars == NULL ? NULL : (*env)->GetStringUTFChars(env, value, NULL);
  if (value_chars != NULL) {
    error = enc->lib->parse_parameter(enc->configuration, name_chars, value_chars);
    (*env)->ReleaseStringUTFChars(env, value, value_chars);
  }
  if (name_chars != NULL) {
    (*env)->ReleaseStringUTFChars(env, name, name_chars);
  }
  return error;
}

ENTRY(jint, startEncoder)(JNIEnv *env, jclass type, jlong handle) {
  (void)type;
  encoder *enc = encoder_of(env, handle);
  if (enc == NULL) {
    return 0;
  }
  if (enc->started) {
    bad_state(env, "encoder is started");
    return 0;
  }
  svt_error error = enc->lib->set_parameter(enc->component, enc->configuration);
  if (error != SVT_OK) {
    return error;
  }
  error = enc->lib->init(enc->component);
  if (error != SVT_OK) {
    enc->lib->deinit(enc->component);
    return error;
  }
  enc->started = true;
  return SVT_OK;
}

ENTRY(jbyteArray, sequenceHeader)(JNIEnv *env, jclass type, jlong handle) {
  (void)type;
  encoder *enc = started_encoder_of(env, handle);
  if (enc == NULL) {
    return NULL;
  }
  svt_header *header = NULL;
  if (enc->lib->stream_header(enc->component, &header) != SVT_OK || header == NULL) {
    bad_state(env, "svt_av1_enc_stream_header failed");
    return NULL;
  }
  jsize bytes = (jsize)header->v1.filled_bytes;
  jbyteArray array = (*env)->NewByteArray(env, bytes);
  if (array != NULL) {
    (*env)->SetByteArrayRegion(env, array, 0, bytes, (const jbyte *)header->v1.buffer);
  }
  enc->lib->stream_header_release(header);
  return array;
}

static void set_picture_type(encoder *enc, svt_header *header, uint32_t picture_type, uint32_t flags) {
  if (enc->lib->major >= 3) {
    header->v3.size = sizeof header->v3;
    header->v3.picture_type = picture_type;
    header->v3.flags = flags;
  } else {
    header->v1.size = sizeof header->v1;
    header->v1.picture_type = picture_type;
    header->v1.flags = flags;
  }
}

static void set_planes(encoder *enc, uint8_t *y, uint8_t *cb, uint8_t *cr, uint32_t y_stride, uint32_t cb_stride,
                       uint32_t cr_stride) {
  svt_planes *p = &enc->planes;
  memset(p, 0, sizeof *p);
  if (enc->lib->major >= 3) {
    p->v3 = (svt_planes_v3){y, cb, cr, y_stride, cr_stride, cb_stride};
  } else if (enc->lib->major == 2 || enc->lib->minor >= 5) {
    p->v15 = (svt_planes_v15){y, cb, cr, y_stride, cr_stride, cb_stride, enc->width, enc->height, 0, 0, SVT_COLOUR_420, 8};
  } else {
    p->v14 = (svt_planes_v14){y,           cb,         cr,          NULL, NULL, NULL,           y_stride, cr_stride,
                              cb_stride,   enc->width, enc->height, 0,    0,    SVT_COLOUR_420, 8};
  }
}

ENTRY(jint, sendPicture)
(JNIEnv *env, jclass type, jlong handle, jlong y, jlong cb, jlong cr, jint y_stride, jint cb_stride, jint cr_stride,
 jlong pts, jboolean key, jint bit_rate) {
  (void)type;
  encoder *enc = started_encoder_of(env, handle);
  if (enc == NULL) {
    return 0;
  }
  int64_t chroma_width = enc->width / 2;
  if (y == 0 || cb == 0 || cr == 0 || y_stride < (int64_t)enc->width || cb_stride < chroma_width ||
      cr_stride < chroma_width || bit_rate < 0) {
    bad_argument(env, "null plane, stride below the width, or negative bit rate");
    return 0;
  }
  set_planes(enc, (uint8_t *)(intptr_t)y, (uint8_t *)(intptr_t)cb, (uint8_t *)(intptr_t)cr, (uint32_t)y_stride,
             (uint32_t)cb_stride, (uint32_t)cr_stride);
  svt_header header;
  memset(&header, 0, sizeof header);
  header.v1.buffer = (uint8_t *)&enc->planes;
  header.v1.filled_bytes = enc->width * enc->height * 3 / 2;
  header.v1.pts = pts;
  if (bit_rate > 0 && enc->lib->major >= 2) {
    enc->rate = (svt_rate_info){0, (uint32_t)bit_rate};
    enc->node = (svt_private_node){SVT_EVENT_RATE_CHANGE, &enc->rate, sizeof enc->rate, NULL};
    header.v1.app_private = &enc->node;
  }
  set_picture_type(enc, &header, key ? SVT_PICTURE_KEY : SVT_PICTURE_UNSET, 0);
  enc->any_sent = true;
  return enc->lib->send_picture(enc->component, &header);
}

ENTRY(jint, sendEnd)(JNIEnv *env, jclass type, jlong handle) {
  (void)type;
  encoder *enc = started_encoder_of(env, handle);
  if (enc == NULL) {
    return 0;
  }
  svt_header header;
  memset(&header, 0, sizeof header);
  set_picture_type(enc, &header, SVT_PICTURE_UNSET, SVT_FLAG_EOS);
  return enc->lib->send_picture(enc->component, &header);
}

/* facts: pts, dts, picture type, flags, bytes. The packet stays here until takePacket. */
ENTRY(jint, receivePacket)(JNIEnv *env, jclass type, jlong handle, jlongArray facts, jboolean all_sent) {
  (void)type;
  encoder *enc = started_encoder_of(env, handle);
  if (enc == NULL) {
    return 0;
  }
  if (facts == NULL || (*env)->GetArrayLength(env, facts) < 5) {
    bad_argument(env, "facts must have room for 5");
    return 0;
  }
  if (enc->pending != NULL) {
    bad_state(env, "the last packet was not taken");
    return 0;
  }
  svt_header *header = NULL;
  svt_error error = enc->lib->get_packet(enc->component, &header, all_sent ? 1 : 0);
  if (error != SVT_OK) {
    if (header != NULL) {
      enc->lib->release_out_buffer(&header);
    }
    return error;
  }
  if (header == NULL) {
    return SVT_NO_ERROR_EMPTY_QUEUE;
  }
  bool v3 = enc->lib->major >= 3;
  jlong values[5] = {header->v1.pts, header->v1.dts, v3 ? header->v3.picture_type : header->v1.picture_type,
                     v3 ? header->v3.flags : header->v1.flags, header->v1.filled_bytes};
  (*env)->SetLongArrayRegion(env, facts, 0, 5, values);
  enc->pending = header;
  return SVT_OK;
}

ENTRY(void, takePacket)(JNIEnv *env, jclass type, jlong handle, jobject target, jint offset) {
  (void)type;
  encoder *enc = started_encoder_of(env, handle);
  if (enc == NULL) {
    return;
  }
  if (enc->pending == NULL) {
    bad_state(env, "no packet was received");
    return;
  }
  uint32_t bytes = enc->pending->v1.filled_bytes;
  if (bytes > 0) {
    uint8_t *address = target == NULL ? NULL : (*env)->GetDirectBufferAddress(env, target);
    int64_t capacity = address == NULL ? -1 : (*env)->GetDirectBufferCapacity(env, target);
    if (offset < 0 || capacity < (int64_t)offset + bytes) {
      bad_argument(env, "target is not direct or has no room for the packet");
      return;
    }
    memcpy(address + offset, enc->pending->v1.buffer, bytes);
  }
  enc->lib->release_out_buffer(&enc->pending);
  enc->pending = NULL;
}

/*
 * svt_av1_enc_deinit of 1.4 waits for a last packet for ever when no picture was ever sent (1.5 looks whether one was):
 * it gets a black one to encode.
 */
static void unblock_deinit(encoder *enc) {
  if (enc->any_sent || enc->lib->major != 1 || enc->lib->minor >= 5) {
    return;
  }
  size_t luma_bytes = (size_t)enc->width * enc->height;
  uint8_t *black = calloc(1, luma_bytes);
  if (black == NULL) {
    return;
  }
  set_planes(enc, black, black, black, enc->width, enc->width / 2, enc->width / 2);
  svt_header header;
  memset(&header, 0, sizeof header);
  header.v1.buffer = (uint8_t *)&enc->planes;
  header.v1.filled_bytes = (uint32_t)luma_bytes * 3 / 2;
  set_picture_type(enc, &header, SVT_PICTURE_UNSET, 0);
  enc->lib->send_picture(enc->component, &header);
  memset(&header, 0, sizeof header);
  set_picture_type(enc, &header, SVT_PICTURE_UNSET, SVT_FLAG_EOS);
  enc->lib->send_picture(enc->component, &header);
  free(black);
}

ENTRY(void, closeEncoder)(JNIEnv *env, jclass type, jlong handle) {
  (void)type;
  encoder *enc = encoder_of(env, handle);
  if (enc == NULL) {
    return;
  }
  if (enc->pending != NULL) {
    enc->lib->release_out_buffer(&enc->pending);
  }
  if (enc->started) {
    unblock_deinit(enc);
    enc->lib->deinit(enc->component);
  }
  free_encoder(enc);
}

/* In the order of SvtAv1Native.CONSTANTS. */
ENTRY(jintArray, constants)(JNIEnv *env, jclass type) {
  (void)type;
  const jint values[] = {SVT_OK,           SVT_NO_ERROR_EMPTY_QUEUE, SVT_PICTURE_INTER, SVT_PICTURE_KEY,
                         SVT_FLAG_EOS,     SVT_MIN_MAJOR,            SVT_MIN_MINOR,     SVT_MAX_MAJOR,
                         SVT_PICTURE_UNSET};
  jsize count = (jsize)(sizeof values / sizeof values[0]);
  jintArray array = (*env)->NewIntArray(env, count);
  if (array != NULL) {
    (*env)->SetIntArrayRegion(env, array, 0, count, values);
  }
  return array;
}
