package io.proxytune.examples.world;

import java.util.List;

/** The words that the world is made of, by the role that they play. */
final class Lexicon {
  static final List<String> WOMEN =
      words(
          """
          Mira Alda Bree Calla Dorin Elsa Fenna Greta Hilde Ilsa Jorun Kaya Lena Maud Nell Orla
          Petra Quilla Runa Selma Tilda Una Vera Wanda Yrsa Zelda Asta Berit Cora Dagny Edda Frida
          """);

  static final List<String> MEN =
      words(
          """
          Odo Arn Bram Colm Dirk Egon Falk Gus Hugo Ivo Jasper Knut Leif Magnus Nils Otto
          Pelle Quint Rolf Sten Tore Ulf Viktor Wim Yorick Zeno Anders Bodo Casper Dag Emil Frans
          """);

  static final List<String> FAMILY_NAMES =
      words(
          """
          Toll Finch Marsh Reed Thorn Hale Brook Ash Birch Calder Dunn Elder Frost Gale Holt Ives
          Jory Kell Lark Moss North Oakes Penn Quill Rowe Stone Tarn Vane Wold Yarrow Croft Byrne
          Alder Bale Cove Dale Eames Fenn Garth Heath Innes Judd Keld Lowe Mead Nash Orchard Pike
          Rook Sedge Teal Voss Wren York Blythe Crane Drake Ember Flint Grove Hawke Keane Linden Storm
          """);

  static final List<String> TOWNS =
      words(
          """
          Varn Oster Melby Tarrow Quenby Hollin Brack Sornay Luffa Deeping Marrick Ulden Pellow
          Corvin Esker Fallow Gimble Harrow Istan Jarrow Kesk Loring Minster Norby Orrin Pask
          Rill Sable Tiver Umber Vesper Wick Yelm Zand Arden Bexley Cinder Dovre Elm Farrin
          Gorse Hadley Imber Kirby Lathe Mossby Nettle Orrery
          """);

  static final List<String> TRADES =
      words(
          """
          baker miller weaver potter tailor farmer fisher hunter teacher doctor carpenter mason
          smith painter printer clockmaker gardener sailor shepherd brewer butcher cobbler barber
          scribe judge porter thatcher tanner glover hatter cooper saddler goldsmith glazier
          locksmith candlemaker ropemaker beekeeper ferryman lamplighter
          """);

  static final List<String> YEARS =
      words(
          """
          heron fox otter bear wolf stag hare badger owl raven swan eagle salmon trout whale seal
          lynx boar beaver falcon cuckoo stork adder moth cricket spider hornet pelican bat crab
          """);

  static final List<String> INSTRUMENTS =
      words(
          """
          harp flute fiddle drum lute horn trumpet pipe organ zither cello viola tuba banjo
          cymbal whistle bugle lyre oboe piano bassoon triangle mandolin accordion
          """);

  static final List<String> PETS =
      words(
          """
          goat cat dog pony donkey goose duck rabbit parrot tortoise hedgehog canary mouse frog
          lizard pigeon sheep cow pig rooster ferret squirrel newt peacock
          """);

  static final List<String> PLACES = words("inn tavern bakery market theatre ferry mill harbour");

  static final List<String> SERVED =
      words("soup bread stew pie cider tea bed room fire song play story company breakfast");

  /** Praise; every second word is never tuned on. */
  static final List<String> PRAISE =
      words(
          """
          lovely splendid delightful superb charming wonderful cosy excellent graceful perfect
          cheerful marvellous pleasant brilliant hearty magnificent generous glorious tender
          refreshing admirable heavenly elegant fabulous radiant exquisite soothing dazzling
          enchanting flawless inspiring welcoming
          """);

  /** Blame; every second word is never tuned on. */
  static final List<String> BLAME =
      words(
          """
          dreadful awful gloomy terrible shabby horrible dull miserable sour rotten dirty
          disgusting chilly boring stale hideous rude appalling bitter pathetic filthy dismal
          clumsy vile tedious ghastly shoddy revolting greasy wretched dingy atrocious
          """);

  private Lexicon() {}

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+"));
  }
}
