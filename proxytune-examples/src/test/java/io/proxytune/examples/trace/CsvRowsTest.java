package io.proxytune.examples.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class CsvRowsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StringWriter out = new StringWriter();
  private final CsvRows rows = new CsvRows(out);

  private static ObjectNode object(String json) throws IOException {
    return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
  }

  @Test
  void namesAreAboveAndWhatIsInsideHasBothNames() throws Exception {
    rows.add(object("{'a':1,'b':{'c':true,'d':{'e':0.1}},'f':null}"));
    rows.add(object("{'a':2,'b':{'c':false,'d':{'e':1e-300}},'f':-3}"));
    assertThat(out).hasToString("a,b_c,b_d_e,f\n1,true,0.1,\n2,false,1.0E-300,-3\n");
  }

  @Test
  void whatWouldEndAFieldIsQuoted() throws Exception {
    rows.add(object("{'a':' x','b':'\\n','c':'\\\"','d':',','e':'\\r','f':'','g':'null'}"));
    assertThat(out.toString())
        .isEqualTo("a,b,c,d,e,f,g\n\" x\",\"\n\",\"\"\"\",\",\",\"\r\",,null\n");
  }

  @Test
  void aRowWithOtherColumnsIsRefused() throws Exception {
    rows.add(object("{'a':1}"));
    assertThatThrownBy(() -> rows.add(object("{'b':1}")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected [a], got [b]");
  }
}
