"""Provide sample values for templates: names and courses in each supported script."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


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
SAMPLE_DATE = "2026-03-05"
SAMPLE_URL = "https://certs.example.org/certs/0123456789/00000000-0000-5000-8000-000000000000"
SAMPLE_ACCESS_CODE = "A1B2C3"

_DATE_NAME = re.compile(r"(?:^d|D)ate|On$|Until$")
_FORMATTED_DATE = "5 March 2026"


def sample_values(variables: Iterable[str], sample: Sample) -> dict[str, str]:
    """Return a value for each variable of a template.

    Names and courses come from the sample. A date is a fixed one, an image is empty, and any other value is the name of
    its variable.

    Args:
        variables: the names of the variables.
        sample: the sample.
    """
    values = {name: _default_value(name) for name in variables}
    from_sample = {
        "recipientName": sample.name,
        "courseName": sample.course,
        "certificateName": sample.course,
    }
    return (
        values
        | {name: value for name, value in from_sample.items() if name in values}
        | {"language": sample.language}
    )


def _default_value(name: str) -> str:
    if name.endswith("Image") or name == "logo":
        return ""
    if name == "issuanceDate":
        return SAMPLE_DATE
    return _FORMATTED_DATE if _DATE_NAME.search(name) else name
