package io.proxytune.core.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Tokenizers that have every part of the format between them. */
final class EveryPart {
  private static final String HEAD =
      """
      {"version": "1.0",
       "truncation": {"direction": "Right", "max_length": 9, "strategy": "LongestFirst", "stride": 0},
       "padding": {"strategy": {"Fixed": 3}, "direction": "Left", "pad_to_multiple_of": null,
        "pad_id": 0, "pad_type_id": 0, "pad_token": "a"},
       "added_tokens": [
        {"id": 4, "content": "<x>", "single_word": true, "lstrip": false, "rstrip": false,
         "normalized": true, "special": false},
        {"id": 5, "content": "<s>", "single_word": false, "lstrip": true, "rstrip": true,
         "normalized": false, "special": true}],
      """;

  private EveryPart() {}

  /** All normalizers, those pre-tokenizers that split at kinds of characters, and WordPiece. */
  static String wordPiece() {
    return HEAD
        + """
           "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
             "strip_accents": null, "lowercase": false},
            {"type": "Strip", "strip_left": true, "strip_right": false}, {"type": "StripAccents"},
            {"type": "NFC"}, {"type": "NFD"}, {"type": "NFKC"}, {"type": "NFKD"}, {"type": "Nmt"},
            {"type": "Lowercase"}, {"type": "Precompiled", "precompiled_charsmap": "MAP"},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            {"type": "Prepend", "prepend": "a"}]},
           "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "BertPreTokenizer"}, {"type": "Whitespace"}, {"type": "WhitespaceSplit"},
            {"type": "Digits", "individual_digits": true},
            {"type": "Punctuation", "behavior": "Contiguous"},
            {"type": "CharDelimiterSplit", "delimiter": "-"}, {"type": "UnicodeScripts"},
            {"type": "FixedLength", "length": 7}]},
           "post_processor": {"type": "BertProcessing", "sep": ["b", 1], "cls": ["a", 0]},
           "decoder": {"type": "Sequence", "decoders": [
            {"type": "WordPiece", "prefix": "##", "cleanup": true}, {"type": "BPEDecoder", "suffix": "</w>"},
            {"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": true}]},
           "model": {"type": "WordPiece", "unk_token": "?", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": {"a": 0, "b": 1, "##b": 2, "?": 3}}}
        """
            .replace("MAP", map());
  }

  /** The other pre-tokenizers, and BPE with merges as arrays. */
  static String bytePairs() {
    return HEAD
        + """
           "normalizer": {"type": "ByteLevel"},
           "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": "\\\\p{N}{1,3}|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+"},
             "behavior": "MergedWithPrevious", "invert": true},
            {"type": "Split", "pattern": {"String": "b"}, "behavior": "MergedWithNext", "invert": false},
            {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first", "split": true},
            {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}]},
           "post_processor": {"type": "Sequence", "processors": [
            {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
            {"type": "RobertaProcessing", "sep": ["b", 1], "cls": ["a", 0], "trim_offsets": true,
             "add_prefix_space": true}]},
           "decoder": {"type": "Sequence", "decoders": [
            {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first", "split": true},
            {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}]},
           "model": {"type": "BPE", "dropout": null, "unk_token": "?", "continuing_subword_prefix": "#",
            "end_of_word_suffix": "$", "fuse_unk": true, "byte_fallback": true, "ignore_merges": true,
            "vocab": {"a": 0, "#b": 1, "ab": 2, "?": 3}, "merges": [["a", "#b"]]}}
        """;
  }

  /** A template, the remaining decoders, and Unigram. */
  static String unigram() {
    return HEAD
        + """
           "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "_"},
           "pre_tokenizer": null,
           "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [5], "tokens": ["<s>"]}}},
           "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "_"}, "content": " "}, {"type": "ByteFallback"},
            {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
           "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": true,
            "vocab": [["?", 0.0], ["a", -1.5], ["_a", -1e-5], ["<0x62>", -3]]}}
        """;
  }

  /** A word of its own for each, as the simplest model has it. */
  static String wordLevel() {
    return """
    {"model": {"type": "WordLevel", "unk_token": "?", "vocab": {"a": 0, "?": 1}}}
    """;
  }

  /** A map of characters that makes "ab" of an A. */
  private static String map() {
    byte[] replacements = "ab\0".getBytes(StandardCharsets.UTF_8);
    int units = 256;
    ByteBuffer bytes =
        ByteBuffer.allocate(4 + 4 * units + replacements.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(4 * units);
    bytes.putInt(4 + 4 * 'A', 'A' | 1 << 8 | 1 << 10);
    bytes.position(4 + 4 * units);
    return Base64.getEncoder().encodeToString(bytes.put(replacements).array());
  }
}
