"""Provide sample values for templates: names and courses in each supported script."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from certbeam.artwork.errors import MissingVariable
from certbeam.artwork.template.compiled import CompiledTemplate
from certbeam.artwork.template.escape import check_css_value
from certbeam.artwork.template.placeholders import ImagePlaceholder, Placeholder, ValuePlaceholder
from certbeam.artwork.template.variables import DateVariable, Variable


@dataclass(frozen=True)
class Sample:
    """Sample values of a certificate in one language.

    Attributes:
        language: a BCP 47 tag.
        name: the name of a recipient.
        course: the name of a course.
    """

    language: str
    name: str
    course: str

    @property
    def values(self) -> dict[str, str]:
        """The values by the names of variables."""
        return {
            "recipientName": self.name,
            "courseName": self.course,
            "certificateName": self.course,
            "language": self.language,
        }


SAMPLES = {
    "Latin": Sample("en", "José Müller Čapek", "Mathematics"),
    "Greek": Sample("el", "Γιώργος Παπαδόπουλος", "Μαθηματικά"),
    "Cyrillic": Sample("ru", "Александр Щербаков", "Математика"),
    "Devanagari": Sample("hi", "प्रार्थना श्रीवास्तव", "गणित"),
    "Bengali": Sample("bn", "শ্রীমতী ঋতুপর্ণা", "গণিত"),
    "Gurmukhi": Sample("pa", "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "ਗਣਿਤ"),
    "Gujarati": Sample("gu", "પ્રજ્ઞા શ્રીમાળી", "ગણિત"),
    "Odia": Sample("or", "ଶ୍ରୀମତୀ ପ୍ରତିଭା", "ଗଣିତ"),
    "Tamil": Sample("ta", "ஸ்ரீனிவாசன் கிருஷ்ணன்", "கணிதம்"),
    "Telugu": Sample("te", "శ్రీనివాస్ కృష్ణ", "గణితం"),
    "Kannada": Sample("kn", "ಶ್ರೀನಿವಾಸ ಕೃಷ್ಣ", "ಗಣಿತ"),
    "Malayalam": Sample("ml", "ശ്രീലക്ഷ്മി കൃഷ്ണൻ", "ഗണിതം"),
    "Sinhala": Sample("si", "ශ්‍රී ප්‍රසන්න", "ගණිතය"),
    "Thai": Sample("th", "สมศักดิ์ ตั้งใจ", "คณิตศาสตร์"),
    "Lao": Sample("lo", "ສົມສັກ ແກ້ວ", "ຄະນິດສາດ"),
    "Khmer": Sample("km", "សុខ វណ្ណា", "គណិតវិទ្យា"),
    "Myanmar": Sample("my", "မောင်မောင်ကြည်", "သင်္ချာ"),
    "Arabic": Sample("ar", "محمد عبد الله", "الرياضيات"),
    "Urdu": Sample("ur", "عبدالرحمٰن خان", "ریاضی"),
    "Hebrew": Sample("he", "שָׂרָה כהן", "מתמטיקה"),
    "Ethiopic": Sample("am", "ሰላም ተስፋዬ", "ሂሳብ"),
    "Chinese": Sample("zh-Hans", "王小明", "数学"),
    "Japanese": Sample("ja", "山田 はなこ", "数学"),
    "Korean": Sample("ko", "김민준", "수학"),
    "Mixed": Sample("en", "Prof. प्रार्थना (محمد)", "Mathematics · गणित"),
}
LONG_NAME = "Venkatanarasimharajuvaripeta Raghunathan Subramaniam Iyer"
LONG_COURSE = "Foundations of Environmental Science and Sustainable Water Management"
SAMPLE_DATE = "2026-03-05"
SAMPLE_URL = "https://certs.example.org/certs/0123456789/00000000-0000-5000-8000-000000000000"
SAMPLE_ACCESS_CODE = "A1B2C3"
SIGNATORY = re.compile(r"signatory(?P<index>\d+)(?P<field>Name|Designation|Image|Id)")
"""Names of the variables of signatories."""

_SIGNATURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="60" viewBox="0 0 160 60"><path fill="none"'
    ' stroke="#123" stroke-width="3" d="M8,42C30,2 44,4 38,36S60,20 70,26 76,44 92,28s18,14 30,2 16,6 30-4"/></svg>'
)
# A crossed box, because text in an image would depend on the viewer's fonts.
_MISSING_IMAGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" viewBox="0 0 100 100" preserveAspectRatio="none">'
    '<path fill="#fee" stroke="#c00" stroke-width="4" d="M2,2H98V98H2ZL98,98M98,2 2,98"/></svg>'
)


def sample_values(template: CompiledTemplate, sample: Sample, examples: Mapping[str, str]) -> dict[str, str]:
    """Return a value for each variable of a template that has no default.

    Names and courses come from the sample. A variable that no certificate is known to have gets a mark that nobody can
    take for its value: text in brackets, or a red cross for an image.

    Args:
        template: the compiled template.
        sample: the sample.
        examples: an example of the value of each known variable, except those of signatories; ``""`` if none is known.

    Raises:
        MissingVariable: an unknown variable is a date or a part of CSS, which cannot be marked.
    """
    from_sample = sample.values
    values = {"language": sample.language}
    for placeholder in template.placeholders:
        for variable in placeholder.variables:
            if variable.default is None:
                value = from_sample.get(variable.name)
                values[variable.name] = value or _sample_value(variable, placeholder, examples)
    return values


def _sample_value(variable: Variable, placeholder: Placeholder, examples: Mapping[str, str]) -> str:
    name, example = variable.name, examples.get(variable.name)
    signatory = SIGNATORY.fullmatch(name)
    is_css = isinstance(placeholder, ValuePlaceholder) and placeholder.escape is check_css_value
    if example:
        return example
    if signatory is not None:
        return _sample_signatory(int(signatory["index"]))[signatory["field"]]
    if isinstance(placeholder, ImagePlaceholder):
        return _to_data_uri(_MISSING_IMAGE) if example is None else ""
    if isinstance(variable, DateVariable) or is_css:
        if example is None:
            raise MissingVariable(name)
        return SAMPLE_DATE if isinstance(variable, DateVariable) else name
    return f"[no value: {name}]" if example is None else f"[{name}]"


def _sample_signatory(index: int) -> dict[str, str]:
    return {
        "Name": f"Signatory {index + 1}",
        "Designation": "Director",
        "Id": f"signatory-{index + 1}",
        "Image": _to_data_uri(_SIGNATURE),
    }


def _to_data_uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
