"""How other systems and languages name the columns of a roster.

Canvas, Moodle, Google Classroom, Brightspace, Blackboard, PowerSchool, Teams and OneRoster, and what registrars write.
Spellings are folded as `folded` does it: no case, accents, spaces or signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from secure_attend.attendance.search_text import search_text

Role = Literal[
    "student_id", "name", "first_name", "last_name", "last_name_prefix", "sorted_name", "email", "groups", "known_as"
]
"""What a column holds. `last_name_prefix` is the "van den" of a last name, and `sorted_name` is "Okoye, Adaeze".
`known_as` is the name to be shown, not the official one."""


def folded(header: str) -> str:
    """Return a header without what is written in many ways."""
    numbered = re.sub("[#№]", " no", header[:200])
    return re.sub(r"[\W_]+", "", search_text(numbered))


SPELLINGS: Mapping[Role, Sequence[str]] = {
    "student_id": (
        # the institution's own number, in the order in which they are taken where a file has several
        "SIS User ID, Student SIS ID, SIS Student ID, SIS ID, OrgDefinedId",
        "student_id, Student_Number, Student number, Student No, Student Nr, Student #,"
        "Student code, Student identifier, Student Num, School ID, School UID, Unique ID, Unique User ID,"
        "EMPLID, Empl ID,"
        "Other ID, SPR Code, Bar code, user_id, Learner ID, Pupil ID, Person ID,"
        "Candidate number, UPN, Matriculation number, Matriculation No, Matric number, Matric No,"
        " Registration number,"
        "Registration No, Reg No, Reg number, Roll number, Roll No, Enrolment number, Enrollment number,"
        " Enrollment No,"
        "Admission number, Admission No, Index number, Index No, University ID, Campus ID, Card number,"
        "Matrikelnummer, Matrikel-Nr, Matr.-Nr., Matrikelnr, Mat-Nr, Studierendennummer,"
        "Numéro étudiant, Numéro d'étudiant, N° étudiant, No étudiant, Code étudiant, Matricule, Numéro de matricule,"
        "Matrícula, Número de matrícula, Nº de matrícula, Número de estudiante, Código de estudiante,"
        " Código estudiante,"
        "Código de alumno, Número de aluno, Nº de aluno, Número mecanográfico, RA, Registro acadêmico, Expediente,"
        "Matricola, Numero di matricola, Studentnummer, Studienummer, Studentnr, Opiskelijanumero,"
        "Numer albumu, Nr albumu, Numer indeksu, Osobní číslo, UČO, Číslo študenta, Neptun-kód, Neptun kód,"
        "Număr matricol, Nr. matricol, Öğrenci No, Öğrenci Numarası, Okul No, Kennitala, Tudengi kood,"
        " Matriklinumber,"
        "Номер студенческого билета, Номер студенческого, Студенческий билет, Номер зачётной книжки, Табельный номер,"
        "Номер студентського квитка, Факултетен номер, Број индекса, Broj indeksa, JMBAG, Vpisna številka,"
        "Αριθμός Μητρώου, Αρ. Μητρώου, ΑΜ, 学号, 學號, 学籍番号, 学生番号, 학번, الرقم الجامعي, رقم الطالب, رقم القيد,"
        "מספר סטודנט, מספר תלמיד, NIM, NPM, NIS, Nomor Induk Mahasiswa, Mã sinh viên, Mã số sinh viên, MSSV,"
        "رقم القيد, شماره دانشجویی, छात्र संख्या, รหัสนักศึกษา, รหัสนิสิต, ID number, identifier,"
        "Personnummer, ID-Nummer, Identifikationsnummer, Numéro d'identification, Numéro Apogée, N° Apogée,"
        "Número de ID,"
        "Número ID, Número de identificación, Número de identificação, DNI, NIA, NIF, Codice identificativo,"
        "ID-nummer,"
        "Numer identyfikacyjny, Numer ID, Employee ID, Öğr. No, Nr indeksu, Os. číslo, Os. č.,"
        "Индивидуальный номер, Номер зачетки,"
        "Номер залікової книжки,"
        "Индивидуальный номер (ID),"
        "Номер квитка, Студентський квиток, Идентификационный номер, מספר זהות, תעודת זהות, ת.ז., ת״ז,"
        "الرقم التعريفي,"
        "رقم التسجيل, रोल नंबर, अनुक्रमांक, नामांकन संख्या, Mã SV, Mã HS, Mã học sinh, 證號, 学生番号, 學生編號, 学籍號",
        "sourcedId, userSourcedId",
        "ID, Nummer, Number, No, Nr, Código, Code",
        "Username, User name, Login ID, SIS Login ID, Participant ID (UPN), User principal name",
    ),
    "name": (
        "name, Full name, Student name, Student full name, Display name, Learner name, Pupil name, Name of student,"
        "Vollständiger Name, Vor- und Nachname, Nom complet, Nom et prénom, Nom prénom, Prénom et nom,"
        "Nombre completo, Nombre y apellidos, Nome completo, Nome e cognome, Imię i nazwisko, Celé jméno,"
        "Jméno a příjmení, Meno a priezvisko, Név, Teljes név, Ad Soyad, Adı Soyadı, Adı ve Soyadı, Isim,"
        "ФИО, Ф.И.О., Фамилия Имя Отчество, Фамилия и имя, ПІБ, Име и презиме, Ime i prezime, Ime in priimek,"
        "Ονοματεπώνυμο, 姓名, 氏名, 名前, お名前, 이름, 성명, الاسم, اسم الطالب, الاسم الكامل, "
        "שם, שם מלא, Nama, Nama lengkap,"
        "Nama mahasiswa, Họ và tên, Họ tên, Naam, Navn, Namn, Nimi, Nafn, نام و نام خانوادگی, नाम, ชื่อ-สกุล,"
        " ชื่อ-นามสกุล,"
        "Nome do aluno, Nome do estudante, Nome do discente, Nombre del alumno, Nombre del estudiante,"
        "Nom de l'étudiant,"
        "Nome dello studente, Name des Studierenden, Schüler, Schülername, Фамилия имя, Прізвище та ім'я,"
        "Прізвище ім'я,"
        "Прізвище ім'я по батькові, П.І.Б., שם הסטודנט, שם התלמיד, 学生姓名, 學生姓名, 学生氏名, 학생 이름",
        "Nome, Nom, Nombre, Nume, Jméno, Meno, Imię, Ad, Adı, Имя, Ім'я, Ime, Όνομα, Aluno, Alumno, Étudiant,Student",
    ),
    "first_name": (
        "First name, Given name, Given names, Forename, Forenames, FirstName, Legal first name, Forename 1,"
        "Legal Name - First Name, First Name [Required],"
        "Vorname, Vornamen, Rufname, Prénom, Prénoms, Nombres, Prenume, Voornaam, Roepnaam, Fornavn, Förnamn,"
        " Etunimi,"
        "Etunimet, Fornafn, Eesnimi, Vārds, Vardas, Keresztnév, Utónév, Křestní jméno, Krstné meno, Primeiro nome,"
        "Όνομα (μικρό), 名, 이름(名), الاسم الأول, שם פרטי, Nama depan, Tên, نام, ชื่อ",
        "First, Preferred first name, Pref first name",
    ),
    "last_name": (
        "Last name, Family name, Surname, LastName, Legal last name,"
        "Legal Name - Last Name, Last Name [Required], Nachname, Familienname, Zuname, Nom de famille,"
        "Apellido, Apellidos, Cognome, Sobrenome, Apelido, Apelidos, Achternaam, Familienaam, Efternavn, Etternavn,"
        "Efternamn, Sukunimi, Eftirnafn, Perekonnanimi, Uzvārds, Pavardė, Vezetéknév, Családnév, Příjmení,"
        " Priezvisko,"
        "Họ đệm, Họ và tên đệm, Họ và đệm, Nazwisko, Soyad, Soyadı, Soyisim, Фамилия, Прізвище, Презиме,"
        "Prezime, Priimek, Nume de familie, Επώνυμο,"
        "Επίθετο, 姓, 성, اسم العائلة, שם משפחה, Nama belakang, Họ, نام خانوادگی, นามสกุล",
        "Last",
    ),
    "last_name_prefix": (
        "Tussenvoegsel, Tussenvoegsels, Voorvoegsel, Voorvoegsels, Last name prefix, Surname prefix, Namenszusatz",
    ),
    "sorted_name": (
        "Name Vorname, Familienname Vorname, Nom Prénom (trié), Apellidos y nombre, Apellidos y nombres,"
        "Cognome e nome, Nazwisko i imię, Příjmení a jméno, Priezvisko a meno,"
        "Apelido e nome, Surname First name, Student name (Last First), Last name and first name,"
        "LastFirst, Last First, Last name first name, Sortable name, Sort name, Nachname Vorname",
    ),
    "email": (
        "email, e-mail, Email address, Email Address [Required], E-mail address, Mail,"
        "Student email, School email, University email,"
        "Email ID, Primary email, E-Mail-Adresse, Mailadresse, Courriel, Adresse e-mail, Adresse courriel,"
        " Adresse mail,"
        "Adresse électronique, Correo, Correo electrónico, Dirección de correo, Dirección de correo electrónico,"
        "Adresse de courriel, Correo institucional, Correo electrónico institucional, E-mail institucional,"
        "Email institucional, Adresse mél, Mél, Institutional email,"
        "Indirizzo email, Indirizzo e-mail, Posta elettronica, Endereço de e-mail, Endereço de correio eletrónico,"
        "E-mailadres, E-mailadresse, E-postadress, E-postadresse, E-post, Sähköposti, Sähköpostiosoite, Netfang,"
        "Adres e-mail, Emailová adresa, E-mailová adresa, E-mail cím, Adresă de e-mail, E-posta, E-posta adresi,"
        "Адрес электронной почты,"
        "Электронная почта, Почта, Эл. почта, Електронна пошта, Е-пошта, Имейл, Ηλεκτρονική διεύθυνση, 邮箱, 电子邮件,"
        "电子邮箱, 電子郵件, メール, メールアドレス, 이메일, البريد الإلكتروني, البريد الالكتروني, "
        "דואר אלקטרוני, דוא״ל, Surel,"
        "Alamat email, Thư điện tử, ایمیل, ईमेल, อีเมล",
    ),
    "groups": (
        "group, groups, Gruppe, Gruppen, Übungsgruppe, Groupe, Groupes, Grupo, Grupos, Gruppo, Groep, Grupp, Ryhmä,"
        "Grupa, Skupina, Csoport, Grup, Группа, Група, Ομάδα, 组, 小组, グループ, 조, المجموعة, קבוצה, Kelompok, Nhóm",
    ),
    "known_as": (
        "known as, Known by, Preferred name, Preferred full name, Chosen name, Name in use, Used name, Goes by,"
        "Gewünschter Name, Selbstgewählter Name, Nom choisi, Nom usuel, Nombre preferido, Nombre elegido,"
        " Nombre social,"
        "Nome social, Nome preferido, Nome preferito, Nome di elezione, Kallnavn, Tilltalsnamn,"
        " Kutsumanimi, Gewenste naam",
    ),
}
"""For each role, spellings by rank: those of a later rank are taken only where there is none of an earlier."""


def _all_of(spellings: str) -> frozenset[str]:
    return frozenset(map(folded, spellings.split(",")))


FIRST_BESIDE_LAST = _all_of(
    "Nome, Nombre, Jméno, Meno, Imię, Ad, Adı, Isim, Имя, Ім'я, Име, Ime, Όνομα, Nama, 名前, الاسم, שם, ชื่อ"
)
"""Spellings of a name that mean the first name where a column for the last stands beside them."""
LAST_BESIDE_FIRST = _all_of("Name, Nom, Nume, Naam, Navn, Namn, Apellido, Név")
"""Spellings of a name that mean the last name where a column for the first stands beside them, in the same language."""
COUNTERS = _all_of("No, Nr, Nº, №, #, Number, Nummer, Num")
"""Spellings of an ID that often stand above the numbers of the rows."""
ENGLISH_FIRST = _all_of("First name, Given name, Forename, First, Preferred first name, Pref first name")

RANKED: Mapping[str, tuple[Role, int]] = {
    folded(spelling): (role, rank)
    for role, ranks in reversed(list(SPELLINGS.items()))
    for rank, spellings in reversed(list(enumerate(ranks)))
    for spelling in spellings.split(",")
}
"""The role of each spelling and its rank in it, from 0."""
