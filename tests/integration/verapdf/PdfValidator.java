package certbeam;

import java.io.FileInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Validates PDF files.
 *
 * <p>The arguments are profiles of veraPDF, joined by commas, and files. For each rule that a file breaks, it prints a
 * line of the profile, the file, the rule and the message, separated by tabs. The last line is the number of validations.
 */
public final class PdfValidator {
  private PdfValidator() {}

  /** Validates each file against each profile. */
  public static void main(String[] arguments) throws Exception {
    LogManager.getLogManager().reset();
    VeraGreenfieldFoundryProvider.initialise();
    List<String> files = Arrays.asList(arguments).subList(1, arguments.length);
    int count = 0;
    for (String profile : arguments[0].split(",")) {
      for (String file : files) {
        validate(profile, file);
        count++;
      }
    }
    System.out.println(count);
  }

  private static void validate(String profile, String file) throws Exception {
    PDFAFlavour flavour = PDFAFlavour.fromString(profile);
    try (FileInputStream stream = new FileInputStream(file);
        PDFAParser parser = Foundries.defaultInstance().createParser(stream, flavour)) {
      ValidationResult result = Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
      TreeSet<String> faults = new TreeSet<>();
      for (TestAssertion assertion : result.getTestAssertions()) {
        if (assertion.getStatus() == TestAssertion.Status.FAILED) {
          String rule = assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber();
          faults.add(rule + "\t" + assertion.getMessage().replaceAll("\\s+", " "));
        }
      }
      if (!result.isCompliant() && faults.isEmpty()) {
        faults.add("?\tnot compliant");
      }
      for (String fault : faults) {
        System.out.println(profile + "\t" + file + "\t" + fault);
      }
    }
  }
}
