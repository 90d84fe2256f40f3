plugins {
    application
}

repositories {
    mavenLocal()
    mavenCentral()
}

java {
    sourceCompatibility = JavaVersion.VERSION_17
    targetCompatibility = JavaVersion.VERSION_17
}

application {
    mainClass = "Steered"
    applicationDefaultJvmArgs =
        listOf("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "--enable-native-access=ALL-UNNAMED")
}

// LibTorch comes for every platform. Gradle does not know Maven's profiles, which choose one there:
// leave what brings them all out, and name the natives of this one.
val platform =
    System.getProperty("os.name").lowercase().let { os ->
        when {
            os.startsWith("linux") -> "linux-x86_64"
            os.startsWith("mac") -> if (System.getProperty("os.arch") == "aarch64") "macosx-arm64" else "macosx-x86_64"
            else -> "windows-x86_64"
        }
    }

dependencies {
    implementation("io.proxytune:proxytune-core:0.1.0-SNAPSHOT") {
        exclude(group = "org.bytedeco", module = "pytorch-platform")
    }
    implementation("org.bytedeco:pytorch:2.10.0-1.5.13")
    runtimeOnly("org.bytedeco:pytorch:2.10.0-1.5.13:$platform")
    runtimeOnly("org.bytedeco:openblas:0.3.31-1.5.13:$platform")
    runtimeOnly("org.bytedeco:javacpp:1.5.13:$platform")
    runtimeOnly("org.slf4j:slf4j-simple:2.0.17")
}
