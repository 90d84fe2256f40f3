package io.proxytune.core.tokenizer.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerFormatTest {
  private static final Path FILE = Path.of("tokenizer.json");
  private static final String LLAMA3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static ObjectNode base() {
    return (ObjectNode)
        json(
            "{'version':'1.0','model':{'type':'WordLevel','vocab':{'a':0,'?':1},'unk_token':'?'}}");
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static CheckedTokenizer check(String part, JsonNode value) {
    ObjectNode root = base();
    root.set(part, value);
    return TokenizerFormat.check(FILE, root);
  }

  private static Arguments broken(String part, String json, String where) {
    return Arguments.of(part, json, where);
  }

  static Stream<Arguments> brokenParts() {
    String bpe = "{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},";
    String template = "{'type':'TemplateProcessing','pair':[{'Sequence':{'id':'A','type_id':0}}],";
    String a = "{'Sequence':{'id':'A','type_id':0}}";
    String flags = "'single_word':false,'lstrip':false,'rstrip':false,";
    return Stream.of(
        broken("version", "'2.0'", "version"),
        broken("truncation", "{'max_length':-1}", "truncation.max_length"),
        broken("padding", "{'strategy':'Longest'}", "padding.strategy"),
        broken("model", "{'type':'GPT'}", "model.type"),
        broken("model", "[]", "model"),
        broken("model", "{'type':'WordLevel','vocab':{},'unk_token':'?'}", "model.vocab"),
        broken("model", "{'type':'WordLevel','vocab':{'a':-1},'unk_token':'a'}", "model.vocab.a"),
        broken("model", "{'type':'WordLevel','vocab':{'a':1.5},'unk_token':'a'}", "model.vocab.a"),
        broken("model", "{'type':'WordLevel','vocab':{'a':0},'unk_token':'?'}", "model.unk_token"),
        broken(
            "model",
            "{'type':'WordPiece','vocab':{'?':0},'unk_token':'?','continuing_subword_prefix':'#',"
                + "'max_input_chars_per_word':1e9}",
            "model.max_input_chars_per_word"),
        broken("model", bpe + "'merges':['a b c']}", "model.merges[0]"),
        broken("model", bpe + "'merges':['a b',['a','b']]}", "model.merges[1]"),
        broken("model", bpe + "'merges':[['a']]}", "model.merges[0]"),
        broken("model", bpe + "'merges':['b a']}", "model.merges[0]"),
        broken("model", bpe + "'merges':['a c']}", "model.merges[0]"),
        broken("model", bpe + "'merges':['a b'],'continuing_subword_prefix':'##'}", "##"),
        broken("model", bpe + "'merges':[],'dropout':0.5}", "model.dropout"),
        broken("model", bpe + "'merges':[],'unk_token':'?'}", "model.unk_token"),
        broken("model", "{'type':'Unigram','vocab':[['a',0]],'unk_id':null}", "model.unk_id"),
        broken("model", "{'type':'Unigram','vocab':[['a',0]],'unk_id':1}", "model.unk_id"),
        broken("model", "{'type':'Unigram','vocab':[['a',1e999]],'unk_id':0}", "vocab[0][1]"),
        broken("model", "{'type':'Unigram','vocab':[['a']],'unk_id':0}", "model.vocab[0]"),
        broken("model", "{'type':'Unigram','vocab':[['\\ud800',0]],'unk_id':0}", "surrogate"),
        broken("model", "{'type':'Unigram','vocab':[],'unk_id':0}", "model.vocab"),
        broken("added_tokens", "{}", "added_tokens"),
        broken("added_tokens", "[{'id':4294967296,'content':'x'}]", "added_tokens[0].id"),
        broken("added_tokens", "[{'id':2,'content':'x'}]", "added_tokens[0].single_word"),
        broken(
            "added_tokens",
            "[{'id':2,'content':'x','special':false,'normalized':false,'single_word':false,"
                + "'lstrip':false,'rstrip':true},{'id':3,'content':' ','special':false,"
                + "'normalized':false,'single_word':false,'lstrip':true,'rstrip':false}]",
            "added_tokens[1].content"),
        broken("normalizer", "{'type':'Squash'}", "normalizer.type"),
        broken("normalizer", "{'type':['NFC']}", "normalizer.type"),
        broken("normalizer", "{'type':'Strip','strip_left':true}", "normalizer.strip_right"),
        broken("normalizer", "{'type':'Prepend','prepend':''}", "normalizer.prepend"),
        broken(
            "normalizer",
            "{'type':'Sequence','normalizers':[{'type':'NFC'},{'type':'Replace'}]}",
            "normalizer.normalizers[1].content"),
        broken(
            "normalizer",
            "{'type':'Replace','pattern':{'Regex':'x*'},'content':'y'}",
            "normalizer.pattern"),
        broken("normalizer", "{'type':'Replace','pattern':{'String':''},'content':'y'}", "pattern"),
        broken(
            "normalizer",
            "{'type':'Replace','pattern':{'String':'x'},'content':'" + "y".repeat(100) + "'}",
            "no longer"),
        broken("normalizer", "{'type':'Precompiled','precompiled_charsmap':null}", "charsmap"),
        broken("normalizer", "{'type':'Precompiled','precompiled_charsmap':'!'}", "base64"),
        broken("pre_tokenizer", "{'type':'FixedLength','length':0}", "pre_tokenizer.length"),
        broken("pre_tokenizer", "{'type':'CharDelimiterSplit','delimiter':'ab'}", "delimiter"),
        broken("pre_tokenizer", "{'type':'Punctuation','behavior':'Lost'}", "behavior"),
        broken("pre_tokenizer", "{'type':'Digits'}", "pre_tokenizer.individual_digits"),
        broken(
            "pre_tokenizer",
            "{'type':'Metaspace','replacement':'_','add_prefix_space':false,"
                + "'prepend_scheme':'always'}",
            "prepend_scheme"),
        broken(
            "pre_tokenizer",
            "{'type':'Split','pattern':{'Regex':'(a|aa)+$'},'behavior':'Isolated','invert':false}",
            "pre_tokenizer.pattern.Regex"),
        broken("post_processor", template + "'single':[],'special_tokens':{}}", "single"),
        broken(
            "post_processor",
            template + "'single':[" + a + "," + a + "],'special_tokens':{}}",
            "post_processor.single[1].Sequence.id"),
        broken(
            "post_processor",
            template + "'single':[{'Sequence':{'id':'B','type_id':0}}],'special_tokens':{}}",
            "post_processor.single[0].Sequence.id"),
        broken(
            "post_processor",
            template + "'single':[{'SpecialToken':{'id':'x','type_id':0}}],'special_tokens':{}}",
            "post_processor.single[0].SpecialToken.id"),
        broken(
            "post_processor",
            template
                + "'single':["
                + a
                + "],'special_tokens':{'x':{'id':'x','ids':[0,1],'tokens':['x']}}}",
            "post_processor.special_tokens.x"),
        broken("post_processor", "{'type':'BertProcessing','sep':['a',0],'cls':['x',7]}", "cls[1]"),
        broken(
            "post_processor",
            "{'type':'Sequence','processors':[{'type':'BertProcessing','sep':['a',0],"
                + "'cls':['a',0]},{'type':'BertProcessing','sep':['a',0],'cls':['a',0]}]}",
            "post_processor.processors[1]"),
        broken("decoder", "{'type':'Strip','content':' ','start':0,'stop':1}", "decoder.stop"),
        broken("decoder", "{'type':'BPEDecoder','suffix':''}", "decoder.suffix"),
        broken(
            "decoder",
            "{'type':'Replace','pattern':{'Regex':'x+$'},'content':'y'}",
            "decoder.pattern"),
        broken("decoder", "[]", "decoder"),
        broken("added_tokens", "[{'id':2,'content':' '," + flags + "'special':1}]", "normalized"));
  }

  @ParameterizedTest
  @MethodSource("brokenParts")
  void brokenPartsAreRefusedByTheirPlace(String part, String value, String where) {
    assertThatThrownBy(() -> check(part, json(value)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("tokenizer.json: ")
        .hasMessageContaining(where)
        .hasMessageContaining("download the file again");
  }

  @Test
  void tokensThatTheNormalizerMayRemoveAreRefused() {
    ObjectNode root = base();
    root.set("normalizer", json("{'type':'Strip','strip_left':true,'strip_right':true}"));
    root.set(
        "added_tokens",
        json(
            "[{'id':2,'content':' ','special':false,'normalized':true,'single_word':false,"
                + "'lstrip':false,'rstrip':false}]"));
    assertThatThrownBy(() -> TokenizerFormat.check(FILE, root))
        .hasMessageContaining("added_tokens[0].content");
  }

  @Test
  void deepNestingAndManyPartsAreRefused() {
    String deep =
        "{'type':'Sequence','normalizers':[".repeat(50) + "{'type':'NFC'}" + "]}".repeat(50);
    assertThatThrownBy(() -> check("normalizer", json(deep))).hasMessageContaining("nested");
    String wide =
        "{'type':'Sequence','normalizers':[" + "{'type':'NFC'},".repeat(99) + "{'type':'NFC'}]}";
    assertThatThrownBy(() -> check("normalizer", json(wide))).hasMessageContaining("64 parts");
  }

  @Test
  void whatIsNotKnownIsNotHandedOn() {
    ObjectNode root = base();
    root.put("evil", 1);
    ((ObjectNode) root.path("model")).put("evil", 2);
    assertThat(TokenizerFormat.check(FILE, root).json()).doesNotContain("evil");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a*)*",
        "(a|b|ab)*c",
        "(\\s+\\S+)+x",
        "(.)\\1",
        "(?<n>a)\\g<n>",
        "(?~a)",
        "a**",
        "[a",
        "(a",
        "a)",
        "\\K",
        "[[:alpha:]]",
        "\\w+\\s*\\w+:\\w+x",
        "(?:a?){500}b",
        "a{1,99999}",
        "\\xE2"
      })
  void patternsOfUnknownCostAreRefused(String pattern) {
    assertThatThrownBy(() -> SafePattern.of(field(pattern)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("can't be shown to be safe");
  }

  @Tag("slow")
  @Test
  void patternsOfRealTokenizersLimitRunsOfWhitespaceAlone() {
    TextRules rules = new TextRules(SafePattern.of(field(LLAMA3)).runs(), 1, 1, Cuts.NONE);
    int most = SafePattern.of(field(LLAMA3)).runs().get(0).most();
    assertThat(most).isBetween(1_000_000, 4_000_000);
    rules.parts(" ".repeat(most) + "x" + " ".repeat(most));
    rules.parts("x".repeat(2_000_000));
    rules.parts("-1".repeat(1_000_000));
    rules.parts("天".repeat(2_000_000));
    assertThatThrownBy(() -> rules.parts("ab" + " ".repeat(2_000_000) + "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2000000 characters in a row from position 2")
        .hasMessageContaining("U+0020")
        .hasMessageContaining("at most " + most);
    assertThatThrownBy(() -> rules.parts("\n\u2003".repeat(most)))
        .hasMessageContaining("in a row from position 0");
  }

  @Test
  void patternsThatCostTheSquareOfARunLimitItMore() {
    assertThat(SafePattern.of(field("\\s+$|x")).runs()).first().matches(run -> run.most() < 20_000);
    // A second try at each place of a run: here the last part takes one character at a time.
    assertThat(SafePattern.of(field("\\s*[\\r\\n]+|\\s\\s|\\s+(?!\\S)|\\s+")).runs())
        .allMatch(run -> run.most() < 20_000);
    assertThat(SafePattern.of(field(" ?\\p{L}+|[0-9]{1,3}|x{2,}")).runs()).isEmpty();
  }

  @Test
  void textsAreLimitedInLength() {
    TextRules rules = new TextRules(List.of(), 8, 1, Cuts.NONE);
    assertThat(rules.fewestTokens("")).isZero();
    assertThat(rules.fewestTokens("12345678")).isEqualTo(1);
    assertThat(rules.fewestTokens("123456789")).isEqualTo(2);
    assertThat(rules.fewestTokens("😀".repeat(8))).isEqualTo(1);
    rules.parts("x".repeat(TextRules.MOST_BYTES));
    assertThatThrownBy(() -> rules.parts("x".repeat(TextRules.MOST_BYTES + 1)))
        .hasMessageContaining("16777217 characters from position 0")
        .hasMessageContaining("split the text");
    assertThatThrownBy(() -> rules.parts("天".repeat(6_000_000)))
        .hasMessageContaining("18000000 bytes");
  }

  @Test
  void mapsOfCharactersAreFollowedToTheirEnds() {
    assertThatThrownBy(() -> CharacterMap.of(map(new int[] {0}, "")))
        .hasMessageContaining("within its bytes");
    int[] units = new int[256];
    CharacterMap empty = CharacterMap.of(map(units, ""));
    assertThat(empty.longest()).isZero();
    // The way of A: its unit is at 65, its leaf at 64, where the value points to "ab".
    units['A'] = 'A' | 1 << 8 | 1 << 10;
    CharacterMap one = CharacterMap.of(map(units, "ab\0c"));
    assertThat(one.longest()).isEqualTo(2);
    assertThat(one.keepsAscii()).isTrue();
    units['@'] = 3;
    assertThat(CharacterMap.of(map(units, "ab\0c")).longest()).isEqualTo(1);
    units['@'] = 2;
    assertThat(CharacterMap.of(map(units, "ab\0c")).keepsAscii()).isFalse();
    units['@'] = 5;
    assertThatThrownBy(() -> CharacterMap.of(map(units, "ab\0c"))).hasMessageContaining("charsmap");
    units['@'] = 1;
    assertThatThrownBy(() -> CharacterMap.of(map(units, "é"))).hasMessageContaining("charsmap");
    units['A'] = 'A' | 1 << 20;
    assertThatThrownBy(() -> CharacterMap.of(map(units, ""))).hasMessageContaining("charsmap");
  }

  private static Field map(int[] units, String replacements) {
    byte[] text = replacements.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    java.nio.ByteBuffer bytes =
        java.nio.ByteBuffer.allocate(4 + 4 * units.length + text.length)
            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
            .putInt(4 * units.length);
    for (int unit : units) {
      bytes.putInt(unit);
    }
    bytes.put(text);
    return new Field(
        FILE,
        "precompiled_charsmap",
        new ObjectMapper()
            .getNodeFactory()
            .textNode(Base64.getEncoder().encodeToString(bytes.array())));
  }

  private static Field field(String pattern) {
    return new Field(FILE, "Regex", new ObjectMapper().getNodeFactory().textNode(pattern));
  }

  @Test
  void textsAreCutWhereThePatternSurelySplits() {
    Cuts cuts = Cuts.of(Optional.of(LLAMA3), false, List.of("<|end|>", "of text"));
    assertThat(parts(cuts, "some words, 123 of them")).isEqualTo("some| words|,| 123| of them");
    assertThat(parts(cuts, "a1b22c333")).isEqualTo("a|1|b|22|c|333");
    assertThat(parts(cuts, "x\n\n  y")).isEqualTo("x|\n\n  y");
    assertThat(parts(cuts, "天地。玄黄")).isEqualTo("天地|。玄黄");
    assertThat(parts(cuts, "the end of text")).isEqualTo("the| end| of text");
    assertThat(parts(cuts, "😀a😀")).isEqualTo("😀a😀");
    assertThat(parts(Cuts.of(Optional.of(LLAMA3), true, List.of()), "e\u0301 a 天"))
        .isEqualTo("e\u0301| a| 天");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\\w+\\b|.", "(?<=a)b|.", "x?", "\\p{L}+(?=.*x)|\\s", "(?:a b|.)", "[ab]++c?|x"})
  void textsAreNotCutWherePatternsLookAround(String pattern) {
    assertThat(parts(Cuts.of(Optional.of(pattern), false, List.of()), "a b")).isEqualTo("a b");
  }

  private static String parts(Cuts cuts, String text) {
    StringBuilder parts = new StringBuilder();
    int from = 0;
    for (int end : cuts.ends(text, 1)) {
      parts.append(from == 0 ? "" : "|").append(text, from, end);
      from = end;
    }
    return parts.toString();
  }
}
