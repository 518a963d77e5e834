# 한국어. 영어 파일과 같은 키에, 라이브러리가 영어로만 말하는 것(규칙, 해결 방법, 판정)을 더했습니다.

## 둘러보기

tour-title = HTTP 세션 둘러보기
tour-intro =
    HTTP는 이전 요청을 기억하지 못합니다. 요청은 하나하나 따로여서, 서버는 두 요청을 같은 사람이 보냈는지 알 수
    없습니다. 세션은 서버가 클라이언트를 기억하려고 보관하는 기록입니다. 클라이언트는 그 기록을 가리키는 비밀 값인
    토큰만 쿠키에 보관하고, 요청할 때마다 그 쿠키를 함께 보냅니다.
tour-server =
    이 둘러보기는 { $url } 에 전용 서버를 띄우고, 그 서버의 클라이언트가 됩니다. 여러분의 쿠키는 읽지도 바꾸지도
    않습니다. 단계마다 아래쪽에 양쪽이 보관하는 것을 보여 줍니다.
tour-signs = 그 단계에서 달라진 것에는 기호가 붙습니다: + 새로 생김, ~ 바뀜, - 없어짐.
tour-heading = { $number }/{ $last } · { $title }
tour-by-hand = 직접 해 보기:
tour-prompt = Enter: 다음 단계({ $next }/{ $last }), q: 끝내기
tour-compared = (이 밖에 결과를 확인하려고 보낸 요청이 { $count }개 더 있습니다)
tour-minutes = { $minutes }분
tour-hours = { $hours }시간
tour-hours-and-minutes = { $hours }시간 { $minutes }분

tour-event-deleted = - { $name }: 내가 삭제함
tour-event-replayed = 세션 { $session }의 옛 쿠키로:
tour-event-waited = 요청 없이 { $pause }이 지남

tour-client-keeps = 클라이언트가 보관하는 것
tour-server-keeps = 서버가 보관하는 것
tour-nothing = 없음
tour-cookie-place = 보낼 곳: { $host }, 경로 { $path }
tour-cookie-ends-with-browser = 브라우저를 닫을 때까지
tour-session = 세션 { $number }, 사용자 { $user }
tour-session-of-nobody = 없음
tour-session-handle = 핸들 { $handle } (공개해도 되는 이름)
tour-session-data = 데이터: { $data }
tour-session-no-data = 없음
tour-session-ends = { $idle } 동안 쓰지 않거나 { $absolute }이 지나면 만료

tour-form = 페이지에 있는 폼:
tour-answer = 응답 내용:
tour-other-headers = (이 밖에 여기서는 중요하지 않은 헤더 { $count }개)
tour-pieces = Set-Cookie를 하나씩 살펴보면:
tour-piece-token = 쿠키의 이름과 값. 값이 바로 토큰이며, 추측할 수 없는 256비트 난수입니다
tour-piece-httponly = 페이지의 스크립트는 이 쿠키를 읽을 수 없습니다
tour-piece-samesite = Lax: 다른 사이트의 폼이나 스크립트가 보내는 요청에는 함께 가지 않습니다
tour-piece-path = 이 경로 아래의 모든 요청에 함께 갑니다. 여기서는 모든 페이지입니다
tour-piece-absent = ({ $name } 없음)
tour-piece-no-domain = 이 호스트에만 보냅니다. 하위 호스트에는 보내지 않습니다
tour-piece-no-secure = 암호화하지 않은 HTTP로도 보냅니다. 이 컴퓨터 안의 서버라서 괜찮습니다
tour-piece-no-max-age = 정해진 만료 시각이 없습니다. 브라우저는 닫을 때 잊습니다

tour-first-visit-title = 첫 방문
tour-first-visit-text =
    첫 페이지를 요청합니다. 요청에는 내가 누구인지 알려 주는 것이 없습니다. 서버는 로그인 페이지로 응답할 뿐, 쿠키를
    주지도 않고 아무것도 보관하지 않습니다.
tour-form-title = 로그인 폼
tour-form-text =
    브라우저라면 이 폼을 로그인 화면으로 보여 줍니다. 폼에는 어떤 칸이 있고 어디로 보낼지 적혀 있습니다. 이 서버는
    이름만 묻지만, 실제 서비스라면 비밀번호도 묻습니다.
tour-login-title = 로그인
tour-login-text =
    폼에 username=alice를 채워 보냅니다. 서버는 새 기록, 곧 세션을 만들고 그 기록을 가리키는 토큰을 Set-Cookie 헤더로
    보내 줍니다. 클라이언트는 토큰을 보관하고 리다이렉트를 따라갑니다.
tour-recognised-title = 나를 알아보는 방문
tour-recognised-text = 1단계와 같은 요청에 이제 Cookie 한 줄이 더 있습니다. 서버는 이 한 줄만으로 기록을 찾아 alice라는 것을 압니다.
tour-record-title = 양쪽이 보관하는 것
tour-record-text =
    이름과 데이터는 모두 서버에 있습니다. 클라이언트에는 토큰뿐이고, 토큰만 보아서는 아무것도 알 수 없습니다. 서버는
    토큰도 그대로 두지 않고 해시만 보관하므로, 기록을 훔쳐 가도 그것으로 로그인할 수 없습니다.
tour-counter-title = 상태
tour-counter-text =
    숫자는 서버의 기록에 있으므로 다음 요청에서도 남아 있습니다. 쿠키는 그대로입니다. 쿠키는 데이터를 여는 열쇠일 뿐,
    데이터를 담지 않습니다.
tour-deletion-title = 쿠키 삭제
tour-deletion-text =
    쿠키가 없으니 서버는 나를 알아보지 못합니다. 이 클라이언트는 세션을 잊었습니다. 그러나 서버에는 아무도 알리지
    않았으므로 기록은 그대로 남아 있고, 토큰을 복사해 둔 사람은 그 세션을 쓸 수 있습니다.
tour-second-login-title = 다시 로그인
tour-second-login-text =
    새 기록과 새 토큰이 생기고, 세어 둔 숫자는 돌아오지 않습니다. 서버는 같은 토큰을 두 번 주지 않습니다. 옛 토큰을
    보았거나 미리 심어 둔 사람이 새 세션까지 쓸 수 있기 때문입니다.
tour-logout-title = 로그아웃
tour-logout-text =
    이번에는 서버에 알립니다. 서버는 세션 2의 기록을 삭제하고, 만료 시각이 지난 Set-Cookie로 클라이언트의 쿠키도
    삭제합니다. 양쪽 모두 잊었습니다.
tour-replay-title = 옛 쿠키를 다시 보내기
tour-replay-text =
    누군가 내 쿠키를 복사해 두었다고 해 봅시다. 로그아웃한 세션 2의 쿠키로는 아무것도 열 수 없습니다(401). 세션 1은
    쿠키만 삭제했으므로 복사본으로 여전히 열립니다(200). 세션을 끝내려면 로그아웃하세요.
tour-expiry-title = 만료
tour-expiry-text =
    31분 동안 아무도 세션 1을 쓰지 않습니다(둘러보기가 시계를 앞으로 돌립니다). 이 서버는 30분 동안 쓰지 않은 세션을
    끝냅니다. 쿠키는 10단계와 같지만 기록이 없어졌습니다. 이렇게 늦게 돌아온 사람은 다시 로그인해야 합니다.

tour-end-title = 무엇을 어디에 보관하는가
tour-place-cookie = 쿠키
tour-place-storage = 로컬 스토리지
tour-place-session = 서버 세션
tour-question-keeper = 보관하는 곳
tour-question-reader = 읽을 수 있는 쪽
tour-question-end = 없어지는 때
tour-question-purpose = 쓰임새
tour-table-cookie-keeper = 클라이언트. 그 사이트로 가는 모든 요청에 함께 보냅니다
tour-table-cookie-reader = 클라이언트와 서버. HttpOnly가 없으면 스크립트도 읽습니다
tour-table-cookie-end = Max-Age나 Expires의 시각, 없으면 브라우저를 닫을 때. 또는 삭제할 때
tour-table-cookie-purpose = 토큰, 또는 서버가 알아야 하는 작은 설정
tour-table-storage-keeper = 브라우저. 저절로 서버에 보내지 않습니다
tour-table-storage-reader = 같은 출처의 모든 스크립트. 토큰을 두기에 알맞지 않습니다
tour-table-storage-end = 스크립트나 사용자가 삭제할 때
tour-table-storage-purpose = 페이지의 스크립트만 쓰는 설정과 임시 글
tour-table-session-keeper = 서버. 클라이언트에는 토큰만 있습니다
tour-table-session-reader = 서버만
tour-table-session-end = 로그아웃하거나 시간이 다 되었을 때. 서버가 정합니다
tour-table-session-purpose = 누가 로그인했는지, 그리고 클라이언트가 바꾸면 안 되는 데이터
tour-remember = 기억할 것:
tour-remember-what = 세션은 서버에 있는 기록입니다. 쿠키에는 그 기록을 여는 토큰만 있습니다.
tour-remember-where = 서버는 토큰을 보낸 사람을 주인으로 여깁니다. 그러므로 토큰은 비밀입니다.
tour-remember-deleting =
    쿠키를 삭제하면 이 클라이언트만 잊습니다. 세션은 로그아웃하거나 시간이 다 되어야 끝납니다.
tour-next = 이제 직접 해 보세요(첫 줄은 다른 터미널에서):

## 이유

why-request = { $url } 요청
why-response = { $url } 응답
why-by-method = { $line }, 메서드 { $method }
why-from-page = { $line }, { $origin } 페이지에서 보냄
why-embedded = { $line }, { $origin } 페이지에 포함된 것
why-no-cookies = 보관된 쿠키가 없습니다
why-label-place = 보낼 곳
why-place = { $host }, 경로 { $path }
why-label-rule = 규칙
why-label-fix = 해결
why-label-others = 다른 이유
why-label-end = 만료
why-label-flags = 속성
why-label-note = 참고

# 아래는 영어로는 프로그램이 스스로 말하는 것입니다.

why-sent = 보냄
why-withheld = 보내지 않음
why-stored = 저장
why-replaced = 교체
why-deleted = 삭제
why-rejected = 거부
why-nothing-to-delete = 삭제할 쿠키가 없었음
why-host-and-below = { $host } 및 그 하위
why-end-with-session = 브라우저를 닫을 때
why-end-past = { $date } (이미 지남)
why-end-in =
    { $date } ({ $unit ->
        [second] { $count }초
        [minute] { $count }분
        [hour] { $count }시간
       *[day] { $count }일
    } 뒤)

why-SecureOnly-storing-rule = Secure 쿠키는 안전한 출처(https 또는 이 컴퓨터)만 설정할 수 있습니다
why-SecureOnly-storing-fix = 페이지를 https로 제공하거나, http로 시험하는 동안에는 Secure를 빼세요
why-OverwriteSecure-storing-rule = 안전하지 않은 출처는 이미 있는 Secure 쿠키로 오해될 수 있는 쿠키를 설정할 수 없습니다
why-OverwriteSecure-storing-fix = https로 설정하거나 다른 이름을 쓰세요
why-SameSiteNoneInsecure-storing-rule = SameSite=None은 Secure와 함께 있어야만 인정됩니다
why-SameSiteNoneInsecure-storing-fix = Secure를 추가하거나 SameSite를 빼세요
why-InvalidDomain-storing-rule = Domain은 쿠키를 설정하는 호스트이거나 그 상위 도메인이어야 합니다
why-InvalidDomain-storing-fix = Domain을 빼세요. 그러면 그 호스트에만 보내는 쿠키가 됩니다
why-PublicSuffix-storing-rule = Domain이 누구나 이름을 등록할 수 있는 공개 접미사입니다. 쿠키가 남의 사이트로 갈 수 있습니다
why-PublicSuffix-storing-fix = Domain을 빼거나, 공개 접미사 아래의 도메인을 쓰세요
why-InvalidPrefix-storing-rule =
    이름(이름이 없으면 값)의 접두사가 약속한 것을 지키지 않습니다(__Secure-: Secure, __Host-: Secure와 Path=/, Domain 없음,
    __Http-: Secure와 HttpOnly, __Host-Http-: 이 모두)
why-InvalidPrefix-storing-fix = 접두사가 요구하는 속성을 추가하거나 접두사를 빼세요
why-NameValuePairExceedsMaxSize-storing-rule = 이름과 값은 합쳐서 4096옥텟까지입니다
why-NameValuePairExceedsMaxSize-storing-fix = 데이터는 서버에 두고 쿠키에는 토큰만 담으세요
why-DisallowedCharacter-storing-rule = 탭이 아닌 제어 문자가 든 쿠키는 무시됩니다
why-DisallowedCharacter-storing-fix = 값을 base64 등으로 인코딩하세요
why-NoCookieContent-storing-rule = 이름도 값도 없는 쿠키는 무시됩니다
why-NoCookieContent-storing-fix = 이름을 붙이세요
why-SyntaxError-storing-rule = ASCII가 아닌 Domain이 있으면 쿠키 전체가 무시됩니다
why-SyntaxError-storing-fix = 도메인을 ASCII 형식(xn--…)으로 쓰세요
why-SchemefulSameSiteStrict-storing-rule = 같은 도메인이라도 http와 https는 서로 다른 사이트이며, 다른 사이트에 포함된 응답은 SameSite=None 쿠키만 설정할 수 있습니다
why-SchemefulSameSiteStrict-storing-fix = 두 페이지를 모두 https로 제공하세요
why-SchemefulSameSiteLax-storing-rule = 같은 도메인이라도 http와 https는 서로 다른 사이트이며, 다른 사이트에 포함된 응답은 SameSite=None 쿠키만 설정할 수 있습니다
why-SchemefulSameSiteLax-storing-fix = 두 페이지를 모두 https로 제공하세요
why-SchemefulSameSiteUnspecifiedTreatedAsLax-storing-rule = 같은 도메인이라도 http와 https는 서로 다른 사이트이며, 다른 사이트에 포함된 응답은 SameSite=None 쿠키만 설정할 수 있습니다
why-SchemefulSameSiteUnspecifiedTreatedAsLax-storing-fix = 두 페이지를 모두 https로 제공하세요
why-SameSiteStrict-storing-rule = 다른 사이트에 포함된 응답은 SameSite=None 쿠키만 설정할 수 있습니다
why-SameSiteStrict-storing-fix = SameSite=None; Secure로 설정하세요
why-SameSiteLax-storing-rule = 다른 사이트에 포함된 응답은 SameSite=None 쿠키만 설정할 수 있습니다
why-SameSiteLax-storing-fix = SameSite=None; Secure로 설정하세요
why-SameSiteUnspecifiedTreatedAsLax-storing-rule = 다른 사이트에 포함된 응답은 SameSite=None 쿠키만 설정할 수 있습니다
why-SameSiteUnspecifiedTreatedAsLax-storing-fix = SameSite=None; Secure로 설정하세요
why-Expired-storing-rule = 시간이 지난 쿠키는 삭제됩니다
why-NotOnPath-storing-rule = 다른 페이지의 쿠키입니다
why-DomainMismatch-storing-rule = 다른 페이지의 쿠키입니다

why-SecureOnly-sending-rule = Secure 쿠키는 https로만, 또는 이 컴퓨터로만 보냅니다
why-SecureOnly-sending-fix = https로 요청하세요
why-NotOnPath-sending-rule = 쿠키는 자기 경로와 그 아래로만 보냅니다
why-NotOnPath-sending-fix = 쿠키의 경로 아래에 있는 페이지를 요청하거나, Path=/로 설정하게 하세요
why-DomainMismatch-sending-rule = 쿠키는 설정한 호스트로만 보냅니다. Domain과 함께 설정했을 때만 하위 호스트로도 보냅니다
why-DomainMismatch-sending-fix = 쿠키를 설정한 호스트에 요청하거나, 한 도메인의 여러 호스트에서 쓰려면 Domain=그 도메인으로 설정하게 하세요
why-Expired-sending-rule = 시간이 지났습니다
why-Expired-sending-fix = 다시 로그인하는 등 쿠키를 새로 받으세요
why-PublicSuffix-sending-rule = 이 쿠키의 도메인은 이제 누구나 이름을 등록할 수 있는 공개 접미사입니다
why-PublicSuffix-sending-fix = Domain 없이 설정하게 하세요
why-SameSiteStrict-sending-rule = SameSite=Strict 쿠키는 같은 사이트에서 시작한 요청에만 함께 갑니다
why-SameSiteStrict-sending-fix = SameSite=Lax이면 다른 사이트의 링크로도, SameSite=None; Secure이면 모든 요청에 함께 갑니다
why-SameSiteLax-sending-rule = SameSite=Lax 쿠키는 다른 사이트의 요청이라면 링크나 GET 폼으로 페이지를 열 때만 함께 갑니다
why-SameSiteLax-sending-fix = 다른 사이트에서도 써야 하는 쿠키라면 SameSite=None; Secure로 설정하세요
why-SameSiteUnspecifiedTreatedAsLax-sending-rule = SameSite가 없는 쿠키는 SameSite=Lax로 다룹니다(처음 2분 동안의 최상위 POST는 예외)
why-SameSiteUnspecifiedTreatedAsLax-sending-fix = 다른 사이트에서도 써야 하는 쿠키라면 SameSite=None; Secure로 설정하세요
why-SchemefulSameSiteStrict-sending-rule = 같은 도메인이라도 http와 https는 서로 다른 사이트입니다
why-SchemefulSameSiteStrict-sending-fix = 두 페이지를 모두 https로 제공하세요
why-SchemefulSameSiteLax-sending-rule = 같은 도메인이라도 http와 https는 서로 다른 사이트입니다
why-SchemefulSameSiteLax-sending-fix = 두 페이지를 모두 https로 제공하세요
why-SchemefulSameSiteUnspecifiedTreatedAsLax-sending-rule = 같은 도메인이라도 http와 https는 서로 다른 사이트입니다
why-SchemefulSameSiteUnspecifiedTreatedAsLax-sending-fix = 두 페이지를 모두 https로 제공하세요
why-SameSiteNoneInsecure-sending-rule = 이런 쿠키는 저장되지 않습니다
why-OverwriteSecure-sending-rule = 이런 쿠키는 저장되지 않습니다
why-InvalidDomain-sending-rule = 이런 쿠키는 저장되지 않습니다
why-InvalidPrefix-sending-rule = 이런 쿠키는 저장되지 않습니다
why-NameValuePairExceedsMaxSize-sending-rule = 이런 쿠키는 저장되지 않습니다
why-DisallowedCharacter-sending-rule = 이런 쿠키는 저장되지 않습니다
why-NoCookieContent-sending-rule = 이런 쿠키는 저장되지 않습니다
why-SyntaxError-sending-rule = 이런 쿠키는 저장되지 않습니다

why-note-NoEqualsSign = =가 없으면 전체가 이름 없는 쿠키의 값이 됩니다(§5.6 3단계)
why-note-QuotedValue = 따옴표도 값의 일부입니다(§5.6)
why-note-UnknownAttribute = { $subject }: 쿠키에 없는 속성이어서 무시되었습니다(§5.6)
why-note-NonStandardAttribute = { $subject }: RFC 6265bis에 없는 속성입니다. 아는 브라우저는 따르지만 sessctl은 따르지 않습니다
why-note-ExpiryInThePast = 만료 시각이 이미 지났습니다. 이런 줄은 삭제만 합니다(§5.7 23단계)
why-note-InvalidDomain = Domain에는 스킴, 포트, 따옴표 없이 이름만 씁니다(§5.6.3)
why-note-AttributeTooLong = { $subject }: 1024옥텟보다 길어서 무시되었습니다(§5.6 6단계)
why-note-InvalidExpires = Expires가 날짜가 아니어서 무시되었습니다(§5.6.1)
why-note-InvalidMaxAge = Max-Age가 정수가 아니어서 무시되었습니다(§5.6.2)
why-note-ExpiresIgnored = Expires가 아니라 Max-Age를 따릅니다(§5.7 6단계)
why-note-LifetimeCapped = 수명을 400일로 줄였습니다(§5.5)
why-note-InvalidPath = Path가 /로 시작하지 않아서 무시되었습니다(§5.6.4)
why-note-DefaultPath = 경로는 페이지의 경로인 { $subject } 입니다(§5.1.4)
why-note-EmptyDomain = 빈 Domain은 없는 것과 같습니다(§5.6.3)
why-note-LeadingDot = Domain 앞의 점은 아무 뜻이 없습니다(§5.6.3)
why-note-DomainIsPublicSuffix = Domain이 공개 접미사이면서 이 호스트 자신입니다. 이 호스트에만 보내는 쿠키가 됩니다(§5.7 9단계)
why-note-UnknownSameSite = SameSite가 Strict, Lax, None 가운데 하나가 아니어서 무시되었습니다(§5.6.7)

## Inspect

inspect-title = 실시간: 클라이언트와 서버의 대화
inspect-noscript = 이 페이지에는 JavaScript가 필요합니다. 서버가 알려 주는 것을 그립니다.
inspect-pause = 일시 정지
inspect-resume = 계속
inspect-clear = 지우기
inspect-newest = 최신으로
inspect-exchanges = 클라이언트와 서버가 주고받은 것
inspect-client = 클라이언트
inspect-server = 서버
inspect-changes = 바뀐 것
inspect-nothing = 아직 아무것도 오지 않았습니다. 다른 탭에서 첫 페이지를 열거나 다음을 실행하세요.
inspect-sessions = 서버가 보관하는 세션
inspect-no-sessions = 없습니다. 로그인한 사람이 없습니다.
inspect-user = 사용자
inspect-idle = 쓰지 않으면 끝
inspect-absolute = 늦어도 끝
inspect-data = 데이터
inspect-change = 변화
inspect-headers = 헤더
inspect-select = 클릭이나 화살표 키로 하나를 고르면 헤더를 볼 수 있습니다.

inspect-connecting = 연결하는 중
inspect-live = 실시간
inspect-lost = 서버가 응답하지 않아 다시 시도합니다
inspect-over = 이 서버는 끝났습니다. 새 서버는 주소가 다릅니다
inspect-rate-all = 초당 요청 { $all }개
inspect-rate-some = 초당 요청 { $all }개 가운데 { $shown }개 표시
inspect-waiting = { $count }개 대기
inspect-missed = 이 페이지가 느려서 이벤트 { $count }개를 놓쳤습니다
inspect-hidden = … 너무 빨라서 { $count }개는 생략 …
inspect-table-all = ({ $count }개)
inspect-table-some = (처음 { $count }개)
inspect-table-unread = (저장소가 응답하지 않습니다)
inspect-nobody = (아직 없음)
inspect-began = 시작됨
inspect-used = 사용됨: 시간을 다시 셉니다
inspect-more-data = 그 밖에 { $count }개
inspect-data-changed-to = { $key }: { $old } → { $new }
inspect-data-new = { $key }: { $new }
inspect-change-began = 세션 시작
inspect-change-renewed = 토큰 교체
inspect-change-data = 데이터 변경
inspect-change-ended = 세션 종료
inspect-ended-logout = 로그아웃으로 끝남
inspect-ended-superseded = 새 로그인으로 교체됨
inspect-ended-revoked = 다른 곳에서 끝냄
inspect-ended-too-many = 세션이 너무 많아 끝남
inspect-ended-not-admitted = 계정이 바뀌어 끝남
inspect-ended-expired = 만료됨
inspect-ended-gone = 저장소에서 사라짐
inspect-exchange = 교환 { $number }
inspect-general = 일반
inspect-method = 메서드
inspect-target = 대상
inspect-status = 상태
inspect-time = 시각
inspect-took = 걸린 시간
inspect-duration = { $ms }ms
inspect-session = 세션
inspect-no-session = 없음
inspect-request-headers = 요청 헤더
inspect-response-headers = 응답 헤더

## 서버의 페이지

page-log-in = 로그인
page-stranger = 서버는 아직 누구인지 모릅니다. 요청에 살아 있는 세션의 쿠키가 없었습니다.
page-name = 이름
page-password = 비밀번호
page-welcome = 환영합니다
page-greeting = { $name } 님, 환영합니다!
page-known = 요청에 이 세션의 쿠키가 있었습니다. 서버는 이 세션을 이렇게 보관합니다.
page-handle = 핸들
page-began = 시작 시각
page-seen = 마지막 사용
page-idle-expiry = 그때까지 쓰지 않으면 만료
page-absolute-expiry = 최종 만료 시각
page-counter = 카운터
page-counter-is = 서버가 이 숫자를 세션에 보관합니다. 다른 세션에는 저마다 다른 숫자가 있습니다.
page-add-one = 1 더하기
page-all-sessions = 내 모든 세션
page-log-out = 로그아웃
page-sessions = 내 세션
page-sessions-of = { $name } 님의 세션
page-own = (지금 쓰는 세션)
page-end = 끝내기
page-end-own = 이 세션 끝내기
page-end-others = 나머지 모두 끝내기
page-back = 처음으로
page-methods = 이 주소에는 { $methods } 요청만 보낼 수 있습니다.

page-problem-form-type = 폼을 application/x-www-form-urlencoded 형식으로 보내 주세요.
page-problem-form-too-large = 폼이 너무 큽니다.
page-problem-forms-at-once = 한꺼번에 온 폼이 너무 많습니다. 하나씩 보내 주세요.
page-problem-form-unreadable = 폼을 읽을 수 없습니다.
page-problem-no-name = 이름을 넣어 주세요. 필드의 이름은 username입니다.
page-problem-name-with-controls = 이름에는 제어 문자를 쓸 수 없습니다.
page-problem-long-name = 이름이 너무 깁니다.
page-problem-no-password = 비밀번호를 넣어 주세요. 필드의 이름은 password입니다.
page-problem-wrong-password = 이름이나 비밀번호가 틀렸습니다.
page-problem-too-many-tries = 시도가 너무 많았습니다. 잠시 뒤에 다시 해 보세요.
page-problem-no-page = 그런 페이지는 없습니다.
page-problem-which-session = 어느 세션인지 알려 주세요. 필드 handle에 핸들을 넣거나, 나머지 모두라면 others를 보냅니다.
page-problem-no-such-session = 그런 세션은 없습니다.
page-problem-session-ended = 세션이 끝났습니다.
page-problem-session-misfit = 세션에 맞지 않는 값이 들어 있습니다.
page-problem-store-silent = 지금은 세션을 찾아볼 수 없습니다. 나중에 다시 해 보세요.
