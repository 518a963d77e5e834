# 한국어. 영어 파일의 모든 키와, 영어로는 라이브러리에 들어 있는 문구(규칙, 해결 방법, 판정)를 포함합니다.

## 둘러보기

tour-title = HTTP 세션 둘러보기
tour-intro =
    HTTP 요청은 서로 독립적이어서(무상태) 서버는 두 요청을 같은 클라이언트가 보냈는지 알 수 없습니다. 세션은 서버가
    클라이언트를 기억하기 위해 저장하는 기록입니다. 클라이언트에는 그 기록을 식별하는 비밀 값인 토큰만 있습니다.
    클라이언트는 토큰을 쿠키에 저장하고 요청할 때마다 함께 보냅니다.
tour-server =
    이 둘러보기는 { $url } 에서 전용 서버를 실행하고 그 클라이언트 역할을 합니다. 사용자의 쿠키는 읽거나 변경하지
    않습니다. 각 단계의 아래쪽에는 클라이언트와 서버에 저장된 내용이 표시됩니다.
tour-signs = 각 단계에서 달라진 항목에는 기호가 붙습니다: + 생성, ~ 변경, - 삭제.
tour-try-server = 각 단계를 직접 따라 하려면 다른 터미널에서 다음 명령을 실행하세요:
tour-heading = { $number }/{ $last } · { $title }
tour-try-step = 직접 해 보기:
tour-prompt = 다음 단계({ $next }/{ $last })로 가려면 Enter, 끝내려면 q를 누르세요:
tour-probes = (이 외에 결과를 확인하려고 보낸 요청 { $count }개)
tour-minutes = { $minutes }분
tour-hours = { $hours }시간
tour-hours-and-minutes = { $hours }시간 { $minutes }분

tour-event-deleted = - { $name }: 직접 삭제
tour-event-replayed = 세션 { $session }의 이전 쿠키로:
tour-event-waited = { $pause } 동안 요청 없음

tour-on-client = 클라이언트에 저장된 것
tour-on-server = 서버에 저장된 것
tour-nothing = 없음
tour-cookie-scope = 전송 대상: { $host }, 경로 { $path }
tour-cookie-until-exit = 브라우저를 닫을 때까지 유지
tour-session = 세션 { $number }({ $user })
tour-session-anonymous = 익명
tour-session-handle = 핸들 { $handle } (공개 ID)
tour-session-data = 데이터: { $data }
tour-session-no-data = 없음
tour-session-expiry = { $idle } 동안 사용하지 않거나 { $absolute }이 지나면 만료

tour-form = 페이지의 폼:
tour-body = 응답 본문:
tour-other-headers = (이 외에 여기서는 중요하지 않은 헤더 { $count }개)
tour-attributes = Set-Cookie 헤더를 부분별로 살펴보면:
tour-attribute-token = 쿠키의 이름과 값. 값은 추측할 수 없는 256비트 난수인 토큰입니다
tour-attribute-httponly = 페이지의 스크립트가 읽을 수 없습니다
tour-attribute-samesite = Lax: 다른 사이트의 POST 폼이나 스크립트가 보내는 요청에는 전송되지 않습니다
tour-attribute-path = 이 경로와 그 하위 경로로 보내는 요청에 전송됩니다. 여기서는 모든 페이지입니다
tour-attribute-absent = ({ $name } 없음)
tour-attribute-no-domain = 이 호스트에만 전송되고 하위 도메인에는 전송되지 않습니다
tour-attribute-no-secure = 암호화되지 않은 HTTP로도 전송됩니다. 서버가 이 컴퓨터에 있을 때만 허용할 수 있습니다
tour-attribute-no-max-age = Max-Age와 Expires가 없으므로 브라우저를 닫으면 사라집니다

tour-first-visit-title = 첫 요청
tour-first-visit-text =
    시작 페이지를 요청합니다. 요청에는 내가 누구인지 알려 주는 정보가 없습니다. 서버는 로그인 페이지로 응답하며, 쿠키를
    설정하지 않고 아무것도 저장하지 않습니다.
tour-form-title = 로그인 폼
tour-form-text =
    브라우저는 이 폼을 로그인 화면으로 보여 줍니다. 폼에는 입력 필드와 데이터를 보낼 URL이 정의되어 있습니다. 이 서버는
    이름만 요구하지만, 실제 서비스는 비밀번호도 요구합니다.
tour-login-title = 로그인
tour-login-text =
    클라이언트가 폼에 username=alice를 입력해 보냅니다. 서버는 새 기록(세션)을 만들고 토큰이 담긴 Set-Cookie 헤더로
    응답합니다. 클라이언트는 토큰을 저장하고 리다이렉트를 따라갑니다.
tour-recognized-title = 서버가 나를 알아보는 요청
tour-recognized-text =
    1단계와 같은 요청이지만 Cookie 헤더 한 줄이 추가되었습니다. 서버는 이 한 줄만으로 기록을 찾아 내가 alice라는 것을
    알아냅니다.
tour-record-title = 양쪽에 저장되는 것
tour-record-text =
    이름과 모든 데이터는 서버에 있습니다. 클라이언트에는 토큰만 있으며, 토큰만으로는 아무것도 알 수 없습니다. 서버는
    토큰이 아니라 토큰의 해시만 저장합니다. 따라서 기록이 유출되어도 그것으로 로그인할 수 없습니다.
tour-counter-title = 상태
tour-counter-text =
    카운터 값은 서버의 기록에 있으므로 다음 요청에서도 유지됩니다. 쿠키는 바뀌지 않습니다. 쿠키는 데이터를 식별할 뿐
    데이터를 담고 있지 않습니다.
tour-deletion-title = 쿠키 삭제
tour-deletion-text =
    쿠키가 없으면 다시 익명 사용자가 됩니다. 이 클라이언트는 세션을 잃었지만 서버는 그 사실을 모릅니다. 서버의 기록은
    그대로 남아 있으며, 토큰의 복사본이 있으면 누구나 그 세션을 사용할 수 있습니다.
tour-second-login-title = 다시 로그인
tour-second-login-text =
    새 기록과 새 토큰이 만들어지고 카운터는 처음부터 다시 시작합니다. 서버는 같은 토큰을 두 번 발급하지 않습니다. 그렇지
    않으면 이전 토큰을 알아냈거나 미리 심어 둔 사람이 새 세션도 사용할 수 있습니다(세션 고정).
tour-logout-title = 로그아웃
tour-logout-text =
    이번에는 클라이언트가 서버에 알립니다. 서버는 세션 2의 기록을 삭제하고, 만료 시각을 과거로 지정한 Set-Cookie로
    쿠키도 삭제합니다. 이제 세션 2는 양쪽 어디에도 없습니다.
tour-replay-title = 이전 쿠키 다시 보내기
tour-replay-text =
    누군가 내 쿠키를 복사해 두었다고 가정해 보겠습니다. 세션 2는 로그아웃했으므로 그 쿠키로는 아무것도 할 수
    없습니다(401). 세션 1은 클라이언트에서 쿠키만 삭제했으므로 복사한 쿠키가 여전히 유효합니다(200). 세션을 끝내려면
    로그아웃하세요.
tour-expiry-title = 만료
tour-expiry-text =
    세션 1을 31분 동안 사용하지 않습니다(둘러보기가 시계를 앞으로 돌립니다). 이 서버는 30분 동안 사용하지 않은 세션을
    만료시킵니다. 쿠키는 10단계와 같지만 서버의 기록은 사라졌습니다. 이렇게 늦게 돌아오면 다시 로그인해야 합니다.

tour-end-title = 무엇이 어디에 저장되는가
tour-place-cookie = 쿠키
tour-place-storage = 로컬 스토리지
tour-place-session = 서버 세션
tour-question-holder = 저장 위치
tour-question-readers = 읽을 수 있는 주체
tour-question-end = 사라지는 시점
tour-question-purpose = 용도
tour-table-cookie-holder = 클라이언트. 해당 사이트로 보내는 모든 요청에 함께 전송됩니다
tour-table-cookie-readers = 클라이언트와 서버. HttpOnly가 없으면 스크립트도 읽을 수 있습니다
tour-table-cookie-end = Max-Age나 Expires로 지정한 시각, 지정하지 않았으면 브라우저를 닫을 때. 또는 삭제할 때
tour-table-cookie-purpose = 토큰, 또는 서버에 필요한 작은 설정
tour-table-storage-holder = 브라우저. 서버로 자동 전송되지 않습니다
tour-table-storage-readers = 같은 출처의 모든 스크립트. 토큰을 저장하지 마세요
tour-table-storage-end = 스크립트나 사용자가 삭제할 때
tour-table-storage-purpose = 설정과 작성 중인 글. 일부 애플리케이션에서는 스크립트가 헤더로 보내는 토큰
tour-table-session-holder = 서버. 클라이언트에는 토큰만 있습니다
tour-table-session-readers = 서버만
tour-table-session-end = 로그아웃하거나 만료될 때. 서버가 결정합니다
tour-table-session-purpose = 로그인한 사용자와, 클라이언트가 바꾸면 안 되는 데이터
tour-remember = 기억하세요:
tour-remember-record = 세션은 서버에 있는 기록입니다. 쿠키에는 그 기록을 여는 토큰만 있습니다.
tour-remember-secret = 토큰을 가진 사람은 누구나 나로 행세할 수 있습니다. 토큰을 공개하지 마세요.
tour-remember-deletion =
    쿠키를 삭제하면 이 클라이언트에서만 사라집니다. 세션은 로그아웃하거나 만료되어야 끝납니다.
tour-next = 이제 직접 해 보세요(첫 번째 명령은 다른 터미널에서 실행하세요):

## 실습

lesson-parties =
    피해자는 브라우저를 쓰는 alice이고 공격자는 mallory입니다. 각 단계의 아래쪽에는 공격자, 피해자, 서버가 각각 보내는 것과
    저장하는 것이 표시됩니다.
lesson-begins-weakened =
    먼저 { $weakness } 약점이 있는 서버({ $url })를 공격합니다. 이 서버는 일부러 취약하게 만들었습니다.
lesson-begins-sound = 이제 같은 단계를 안전한 서버({ $url })에서 반복합니다.
lesson-heading = { $server } · { $number }/{ $last } · { $title }
lesson-server-weakened = 취약한 서버
lesson-server-sound = 안전한 서버
lesson-attacker = 공격자
lesson-victim = 피해자
lesson-server = 서버
lesson-sends = 전송
lesson-keeps = 저장
lesson-to-victim = 피해자의 브라우저로: { $what }
lesson-to-attacker = 공격자에게: { $what }
lesson-page = { $origin } 의 페이지. { $form } 폼과 이를 제출하는 스크립트가 있음
lesson-withheld = (브라우저가 { $name } 쿠키를 보내지 않음: { $reason })
lesson-difference = 차이를 만드는 것
lesson-seen = { $server }, 이번 실행에서:
lesson-code = { $server }, { $file } 에서:
lesson-find-fault = 직접 취약점을 찾아 보기(첫 번째 명령은 다른 터미널에서 실행하세요):
lesson-test-own = 내 애플리케이션 검사하기:
lesson-heading-name = 실습
lesson-heading-attack = 공격
lesson-heading-weakness = 약점
lesson-heading-check = 찾아내는 검사

lesson-step-plant-title = 공격자가 토큰을 심음
lesson-step-plant-text =
    공격자가 토큰을 정해 피해자의 브라우저에 세션 쿠키로 설정합니다. 예를 들어 하위 도메인의 페이지에서 설정할 수 있습니다.
lesson-step-login-title = 피해자가 로그인
lesson-step-login-text = 피해자가 로그인 폼을 보냅니다. 서버는 세션을 만들고 토큰으로 응답합니다.
lesson-step-own-login-title = 공격자가 로그인
lesson-step-own-login-text = 공격자에게도 계정이 있습니다. 서버는 mallory의 토큰으로 응답합니다.
lesson-step-script-title = 스크립트가 쿠키를 읽음
lesson-step-script-text =
    피해자가 공격자의 스크립트가 삽입된 페이지를 엽니다. 스크립트는 document.cookie, 즉 스크립트가 읽을 수 있는 모든 쿠키를
    공격자에게 보냅니다.
lesson-step-copy-title = 공격자가 쿠키를 복사
lesson-step-copy-text =
    공격자가 공용 컴퓨터, 백업, 로그 등에서 토큰의 복사본을 얻습니다. 서버로는 아무것도 전송되지 않습니다.
lesson-step-logout-title = 피해자가 로그아웃
lesson-step-logout-text = 피해자가 로그아웃 폼을 보냅니다. 브라우저는 쿠키를 삭제합니다.
lesson-step-open-title = 공격자가 세션을 엶
lesson-step-open-text = 공격자가 다른 컴퓨터에서 그 토큰으로 세션 페이지를 요청합니다.
lesson-step-reopen-title = 공격자가 다시 시도
lesson-step-reopen-text =
    피해자가 로그아웃했고 서버는 세션을 삭제했습니다. 이제 훔친 토큰으로는 아무것도 열 수 없습니다.
lesson-step-foreign-title = 다른 사이트의 페이지가 폼을 보냄
lesson-step-foreign-text =
    피해자가 다른 사이트에 있는 공격자의 페이지를 엽니다. 이 페이지는 애플리케이션의 카운터로 폼을 보냅니다. 쿠키가
    SameSite=Lax이므로 브라우저는 쿠키를 보내지 않고, 카운터는 그대로입니다.
lesson-step-sibling-title = 같은 사이트의 페이지가 폼을 보냄
lesson-step-sibling-text =
    공격자가 같은 호스트의 다른 애플리케이션으로 페이지를 옮깁니다. 하위 도메인도 마찬가지입니다. SameSite 기준으로는 같은
    사이트이므로 브라우저가 쿠키를 보냅니다.
lesson-step-guess-title = 공격자가 토큰을 추측
lesson-step-guess-text =
    서버의 시계는 밀리초 단위입니다. 공격자는 mallory가 로그인한 시각부터 1밀리초 간격의 모든 시각을 토큰으로 써서 하나씩
    요청합니다. 마지막 요청들이 표시됩니다.
lesson-step-race-title = 동시에 보내는 여러 요청
lesson-step-race-text =
    공격자가 여러 요청을 동시에 보냅니다. 서버는 모두 받아들이고, 요청마다 카운터가 1씩 늘어야 합니다. 이 공격의 피해자는
    애플리케이션 운영자이므로 alice는 아무것도 하지 않습니다.
lesson-step-count-title = 공격자가 카운터를 확인
lesson-step-count-text = 공격자가 카운터가 표시되는 세션 페이지를 요청합니다.

lesson-fixation-title = 세션 고정
lesson-fixation-text =
    공격자가 토큰을 정해 피해자가 로그인하기 전에 피해자의 브라우저에 심습니다. 로그인할 때 그 토큰이 유지되면 공격자도 그
    토큰으로 피해자의 세션을 열 수 있습니다.
lesson-fixation-succeeds = 공격 성공: 로그인이 심어 둔 토큰을 유지했으므로 공격자가 alice로 로그인되었습니다.
lesson-fixation-fails = 공격 실패: 로그인할 때 새 토큰이 발급되었으므로 심어 둔 토큰으로는 아무것도 열 수 없습니다.
lesson-fixation-fix = 로그인할 때마다 새 토큰을 발급하세요. 서버가 발급하지 않은 토큰은 받아들이지 마세요.
lesson-theft-title = 스크립트를 이용한 토큰 탈취
lesson-theft-text =
    공격자가 페이지에 삽입한 스크립트(크로스 사이트 스크립팅, XSS)는 그 페이지의 쿠키를 읽을 수 있습니다. 공격자는 토큰을
    얻으면 다른 컴퓨터에서 세션을 사용할 수 있습니다.
lesson-theft-succeeds = 공격 성공: 쿠키에 HttpOnly가 없어 스크립트가 토큰을 읽었고, 그 토큰으로 세션이 열렸습니다.
lesson-theft-fails = 공격 실패: 쿠키가 HttpOnly라서 document.cookie에 나타나지 않으므로 공격자에게 토큰이 없습니다.
lesson-theft-fix =
    세션 쿠키에 HttpOnly를 지정하세요. 스크립트는 여전히 피해자의 페이지에서 요청을 보낼 수 있으므로 사용자가 입력한 텍스트는
    모두 이스케이프하세요. 토큰을 도난당했을 때 로그아웃하면 공격자의 세션도 끝납니다.
lesson-replay-title = 로그아웃 후 토큰 재사용
lesson-replay-text =
    로그아웃한 뒤에도 토큰의 복사본이 로그나 백업 등에 남아 있을 수 있습니다. 로그아웃이 브라우저의 쿠키만 삭제하면 복사본으로
    여전히 세션을 열 수 있습니다.
lesson-replay-succeeds = 공격 성공: 서버에 세션이 남아 있으므로 alice가 로그아웃한 뒤에도 공격자가 alice로 로그인되었습니다.
lesson-replay-fails = 공격 실패: 로그아웃할 때 서버의 세션이 끝났으므로 복사본으로는 아무것도 열 수 없습니다.
lesson-replay-fix = 로그아웃할 때 서버의 세션을 삭제하세요. 쿠키만 삭제해서는 안 됩니다.
lesson-csrf-title = 사이트 간 요청 위조(CSRF)
lesson-csrf-text =
    브라우저는 다른 페이지에서 시작된 요청에도 애플리케이션의 쿠키를 보낼 수 있습니다. 그래서 공격자의 페이지가 피해자의
    이름으로 폼을 보낼 수 있습니다.
lesson-csrf-succeeds = 공격 성공: 서버가 어느 페이지에서 보낸 폼인지 확인하지 않아 alice의 세션에서 카운터가 늘었습니다.
lesson-csrf-fails = 공격 실패: 서버가 다른 출처에서 보낸 폼임을 확인하고 거부했습니다.
lesson-csrf-fix =
    Sec-Fetch-Site나 Origin 헤더가 다른 출처를 나타내면 상태를 바꾸는 메서드의 요청을 거부하거나 CSRF 토큰을 사용하세요.
    SameSite만으로는 같은 사이트의 다른 애플리케이션을 막을 수 없습니다.
lesson-prediction-title = 토큰 예측
lesson-prediction-text =
    토큰은 누구도 추측할 수 없어야 합니다. 토큰이 시각이나 카운터라면 공격자는 로그인해서 자신의 토큰을 보고 다른 사람의 토큰을
    계산할 수 있습니다.
lesson-prediction-succeeds = 공격 성공: alice의 토큰이 로그인 시각이라서 공격자가 몇 번의 요청만으로 알아냈습니다.
lesson-prediction-fails = 공격 실패: 토큰이 난수이므로 추측이 하나도 맞지 않습니다.
lesson-prediction-fix = 시스템 난수 생성기의 난수를 128비트 이상 사용해 토큰을 만드세요.
lesson-lost-update-title = 경쟁 상태로 인한 갱신 손실
lesson-lost-update-text =
    서버가 값을 읽고, 바꾸고, 다시 쓰면 동시에 일어난 두 변경 중 하나가 사라질 수 있습니다. 공격자는 이를 이용해 쿠폰을 여러 번
    사용하는 등 제한을 넘어섭니다.
lesson-lost-update-succeeds = 공격 성공: 서버가 모든 요청을 받아들였지만 카운터에 모두 반영되지는 않았습니다.
lesson-lost-update-fails = 공격 실패: 서버가 모든 요청을 셌습니다.
lesson-lost-update-fix =
    저장된 값은 한 번의 원자적 연산이나 락으로 보호해서 바꾸세요. 읽고, 바꾸고, 다시 쓰지 마세요.

## 이유

why-request = { $url } 요청
why-response = { $url } 응답
why-by-method = { $line }, 메서드 { $method }
why-from-page = { $line }, { $origin } 페이지에서 보냄
why-embedded = { $line }, { $origin } 페이지에 포함됨
why-no-cookies = 저장된 쿠키가 없습니다
why-label-scope = 전송 대상
why-scope = { $host }, 경로 { $path }
why-label-rule = 규칙
why-label-fix = 해결 방법
why-label-also = 다른 이유
why-label-expires = 만료
why-label-flags = 속성
why-label-note = 참고

# 아래는 영어로는 라이브러리에 들어 있는 문구입니다.

why-sent = 전송
why-sent-SameSiteNone = SameSite=None 쿠키는 모든 사이트의 요청에 전송됩니다
why-sent-SafeNavigation = 링크나 GET 폼으로 페이지를 여는 요청이며, SameSite=Lax가 이를 허용합니다
why-sent-LaxAllowingUnsafe =
    SameSite가 없고 저장된 지 2분이 지나지 않았기 때문에만 전송됩니다. 그 뒤에는 Lax로 취급됩니다(가져오기를 하면 이 시간이 다시
    시작됩니다)
why-withheld = 전송 안 함
why-stored = 저장
why-replaced = 교체
why-deleted = 삭제
why-rejected = 거부
why-evicted = 쿠키는 저장소의 쿠키 수가 한도를 넘어 제거되었습니다
why-nothing-to-delete = 삭제할 쿠키 없음
why-host-and-below = { $host } 및 하위 도메인
why-end-with-session = 브라우저를 닫을 때
why-end-past = { $date } (만료됨)
why-end-in =
    { $date } ({ $unit ->
        [second] { $count }초
        [minute] { $count }분
        [hour] { $count }시간
       *[day] { $count }일
    } 후)

why-SecureOnly-storing-rule = Secure 쿠키는 안전한 출처(https 또는 이 컴퓨터)만 설정할 수 있습니다
why-SecureOnly-storing-fix = 페이지를 https로 제공하거나, http로 테스트하는 동안에는 Secure를 빼세요
why-OverwriteSecure-storing-rule = 안전하지 않은 출처는 기존 Secure 쿠키를 덮어쓰거나 대신할 수 있는 쿠키를 설정할 수 없습니다
why-OverwriteSecure-storing-fix = https로 설정하거나 다른 이름을 사용하세요
why-SameSiteNoneInsecure-storing-rule = SameSite=None은 Secure와 함께 지정해야 합니다
why-SameSiteNoneInsecure-storing-fix = Secure를 추가하거나 SameSite를 빼세요
why-InvalidDomain-storing-rule = Domain은 쿠키를 설정하는 호스트이거나 그 상위 도메인이어야 합니다
why-InvalidDomain-storing-fix = Domain을 빼세요. 그러면 쿠키가 그 호스트에만 전송됩니다
why-PublicSuffix-storing-rule = Domain이 누구나 하위 도메인을 등록할 수 있는 공개 접미사(public suffix)여서 쿠키가 다른 사람의 사이트로 전송될 수 있습니다
why-PublicSuffix-storing-fix = Domain을 빼거나 공개 접미사 아래의 도메인을 지정하세요
why-InvalidPrefix-storing-rule =
    이름(이름이 없으면 값)의 접두사가 요구하는 조건을 충족하지 않습니다(__Secure-: Secure, __Host-: Secure와 Path=/, Domain
    없음, __Http-: Secure와 HttpOnly, __Host-Http-: 모두)
why-InvalidPrefix-storing-fix = 접두사가 요구하는 속성을 추가하거나 접두사를 빼세요
why-NameValuePairExceedsMaxSize-storing-rule = 이름과 값은 합쳐서 4096바이트까지 허용됩니다
why-NameValuePairExceedsMaxSize-storing-fix = 데이터는 서버에 저장하고 쿠키에는 토큰만 담으세요
why-DisallowedCharacter-storing-rule = 탭이 아닌 제어 문자가 포함된 쿠키는 무시됩니다
why-DisallowedCharacter-storing-fix = 값을 base64 등으로 인코딩하세요
why-NoCookieContent-storing-rule = 이름과 값이 모두 없는 쿠키는 무시됩니다
why-NoCookieContent-storing-fix = 이름을 지정하세요
why-SyntaxError-storing-rule = Domain에 ASCII가 아닌 문자가 있으면 쿠키 전체가 무시됩니다
why-AmbiguousNamelessCookie-storing-rule = 이름 없는 쿠키의 값에 =나 탭이 있으면 다른 쿠키처럼 전송됩니다. RFC 6265bis에서는 저장되지만 Chromium과 Firefox는 저장하지 않습니다
why-AmbiguousNamelessCookie-storing-fix = 쿠키에 이름을 지정하세요
why-InsecurePartitioned-storing-rule = Partitioned에는 Secure가 필요합니다. RFC 6265bis는 Partitioned를 무시하지만 Chromium과 Firefox는 무시하지 않습니다
why-InsecurePartitioned-storing-fix = Secure를 추가하거나 Partitioned를 빼세요
why-SyntaxError-storing-fix = 도메인을 ASCII 형식(xn--…)으로 지정하세요
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
why-Expired-storing-rule = 만료된 쿠키는 삭제됩니다
why-NotOnPath-storing-rule = 다른 페이지의 쿠키입니다
why-DomainMismatch-storing-rule = 다른 페이지의 쿠키입니다

why-SecureOnly-sending-rule = Secure 쿠키는 https로만, 또는 이 컴퓨터의 서버로만 전송됩니다
why-SecureOnly-sending-fix = https로 요청하세요
why-NotOnPath-sending-rule = 쿠키는 자신의 경로와 그 하위 경로로만 전송됩니다
why-NotOnPath-sending-fix = 쿠키의 경로 아래에 있는 페이지를 요청하거나, 쿠키를 설정할 때 Path=/를 지정하세요
why-DomainMismatch-sending-rule = 쿠키는 쿠키를 설정한 호스트로만 전송됩니다. Domain을 지정해 설정했을 때만 하위 도메인으로도 전송됩니다
why-DomainMismatch-sending-fix = 쿠키를 설정한 호스트에 요청하세요. 한 도메인의 여러 호스트에서 사용하려면 Domain 속성에 상위 도메인을 지정하세요
why-Expired-sending-rule = 쿠키가 만료되었습니다
why-Expired-sending-fix = 다시 로그인하는 등의 방법으로 새 쿠키를 받으세요
why-PublicSuffix-sending-rule = 이 쿠키의 도메인은 이제 누구나 하위 도메인을 등록할 수 있는 공개 접미사(public suffix)입니다
why-PublicSuffix-sending-fix = 쿠키를 설정할 때 Domain을 빼세요
why-SameSiteStrict-sending-rule = SameSite=Strict 쿠키는 같은 사이트에서 시작된 요청에만 전송됩니다
why-SameSiteStrict-sending-fix = 다른 사이트의 링크에도 전송하려면 SameSite=Lax, 모든 요청에 전송하려면 SameSite=None; Secure로 설정하세요
why-SameSiteLax-sending-rule = SameSite=Lax 쿠키는 다른 사이트에서 링크나 GET 폼으로 페이지를 열 때만 전송됩니다
why-SameSiteLax-sending-fix = 다른 사이트의 요청에도 필요한 쿠키라면 SameSite=None; Secure로 설정하세요
why-SameSiteUnspecifiedTreatedAsLax-sending-rule = SameSite를 지정하지 않은 쿠키는 SameSite=Lax로 처리됩니다(설정 후 2분 동안의 최상위 POST는 예외)
why-SameSiteUnspecifiedTreatedAsLax-sending-fix = 다른 사이트의 요청에도 필요한 쿠키라면 SameSite=None; Secure로 설정하세요
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
why-AmbiguousNamelessCookie-sending-rule = 이런 쿠키는 저장되지 않습니다
why-InsecurePartitioned-sending-rule = 이런 쿠키는 저장되지 않습니다

why-note-NoEqualsSign = =가 없으므로 전체가 이름 없는 쿠키의 값이 됩니다(§5.6 3단계)
why-note-QuotedValue = 따옴표도 값에 포함됩니다(§5.6)
why-note-UnknownAttribute = { $subject }: 쿠키에 없는 속성이어서 무시되었습니다(§5.6)
why-note-NonStandardAttribute = { $subject }: RFC 6265bis에 없는 속성입니다. 지원하는 브라우저는 적용하지만 sessctl은 적용하지 않습니다
why-note-ExpiryInThePast = 만료 시각이 과거이므로 쿠키를 삭제하기만 합니다(§5.7 23단계)
why-note-InvalidDomain = Domain에는 스킴, 포트, 따옴표 없이 이름만 지정합니다(§5.6.3)
why-note-AttributeTooLong = { $subject }: 1024바이트보다 길어서 무시되었습니다(§5.6 6단계)
why-note-InvalidExpires = Expires가 날짜가 아니어서 무시되었습니다(§5.6.1)
why-note-InvalidMaxAge = Max-Age가 정수가 아니어서 무시되었습니다(§5.6.2)
why-note-ExpiresIgnored = Expires보다 Max-Age가 우선합니다(§5.7 6단계)
why-note-LifetimeCapped = 수명이 400일로 제한되었습니다(§5.5)
why-note-InvalidPath = Path가 /로 시작하지 않아서 무시되었습니다(§5.6.4)
why-note-DefaultPath = 쿠키의 경로는 페이지의 경로인 { $subject } 입니다(§5.1.4)
why-note-EmptyDomain = Domain이 비어 있으면 없는 것으로 처리됩니다(§5.6.3)
why-note-LeadingDot = Domain 앞의 점은 무시됩니다(§5.6.3)
why-note-DomainIsPublicSuffix = Domain이 공개 접미사이면서 이 호스트와 같으므로 쿠키가 이 호스트에만 전송됩니다(§5.7 9단계)
why-note-InvalidRepetition = { $subject }에 잘못된 값이 다시 지정되어 앞의 값도 적용되지 않습니다. RFC 6265bis에서는 올바른 값이 적용되지만 브라우저는 적용하지 않습니다
why-note-LooksLikeTwoCookies = Path에 쉼표와 또 다른 이름=값이 있습니다. 두 번째 쿠키처럼 보이지만 Set-Cookie 줄은 쉼표로 합칠 수 없습니다(RFC 9110 §5.3)
why-note-UnknownSameSite = SameSite가 Strict, Lax, None 중 하나가 아니어서 무시되었습니다(§5.6.7)

## Inspect

inspect-title = 클라이언트와 서버의 실시간 트래픽
inspect-noscript = 서버가 보내는 내용을 표시하려면 JavaScript가 필요합니다.
inspect-pause = 일시 정지
inspect-resume = 계속
inspect-clear = 지우기
inspect-latest = 최신 항목으로
inspect-exchanges = 클라이언트와 서버의 요청과 응답
inspect-client = 클라이언트
inspect-server = 서버
inspect-changes = 변경 사항
inspect-no-exchanges = 아직 요청이 없습니다. 다른 탭에서 시작 페이지를 열거나 다음 명령을 실행하세요.
inspect-sessions = 서버에 저장된 세션
inspect-no-sessions = 세션이 없습니다. 로그인한 사용자가 없습니다.
inspect-user = 사용자
inspect-idle = 유휴 만료까지
inspect-absolute = 최대 만료까지
inspect-data = 데이터
inspect-change = 변경
inspect-headers = 헤더
inspect-select = 요청을 클릭하거나 화살표 키로 선택하면 헤더가 표시됩니다.

inspect-connecting = 연결 중
inspect-live = 실시간
inspect-lost = 서버가 응답하지 않아 다시 연결하는 중입니다
inspect-stopped = 서버가 종료되었습니다. 다시 시작하면 URL이 바뀝니다
inspect-rate-all = 초당 { $all }건
inspect-rate-some = 초당 { $all }건 중 { $shown }건 표시
inspect-waiting = { $count }건 대기
inspect-missed = 페이지가 느려서 이벤트 { $count }건을 놓쳤습니다
inspect-hidden = … 요청 { $count }건 생략 …
inspect-table-all = ({ $count }개)
inspect-table-some = (처음 { $count }개)
inspect-table-unread = (저장소가 응답하지 않습니다)
inspect-anonymous = (익명)
inspect-new = 생성됨
inspect-used = 사용됨: 유휴 시간 초기화
inspect-more-data = 그 외 { $count }개
inspect-data-changed = { $key }: { $old } → { $new }
inspect-data-new = { $key }: { $new }
inspect-change-created = 세션 생성
inspect-change-rotated = 토큰 교체
inspect-change-changed = 데이터 변경
inspect-change-ended = 세션 종료
inspect-ended-logout = 로그아웃으로 종료됨
inspect-ended-superseded = 새 로그인으로 교체됨
inspect-ended-revoked = 강제 종료됨
inspect-ended-too-many = 사용자의 세션 수 제한을 넘어 종료됨
inspect-ended-not-admitted = 계정이 변경되어 종료됨
inspect-ended-expired = 만료됨
inspect-ended-gone = 저장소에 없음
inspect-exchange = 요청 #{ $number }
inspect-general = 일반
inspect-method = 메서드
inspect-target = 대상
inspect-status = 상태
inspect-time = 시각
inspect-took = 소요 시간
inspect-duration = { $ms }ms
inspect-session = 세션
inspect-no-session = 없음
inspect-request-headers = 요청 헤더
inspect-response-headers = 응답 헤더

## 서버의 페이지

page-log-in = 로그인
page-not-logged-in = 서버는 아직 당신이 누구인지 모릅니다. 요청에 유효한 세션의 쿠키가 없었습니다.
page-name = 이름
page-password = 비밀번호
page-welcome = 환영합니다
page-greeting = { $name } 님, 환영합니다!
page-session-facts = 요청에 이 세션의 쿠키가 있었습니다. 서버에는 세션이 다음과 같이 저장되어 있습니다.
page-handle = 핸들
page-created = 생성 시각
page-last-used = 마지막 사용
page-idle-expiry = 유휴 만료 시각
page-absolute-expiry = 최종 만료 시각
page-counter = 카운터
page-counter-note = 서버가 이 숫자를 세션에 저장합니다. 이 숫자는 세션마다 따로 저장됩니다.
page-add-one = 1 더하기
page-all-sessions = 내 모든 세션
page-log-out = 로그아웃
page-sessions = 내 세션
page-sessions-of = { $name } 님의 세션
page-this-session = (현재 세션)
page-end = 세션 종료
page-end-this = 현재 세션 종료
page-end-others = 다른 세션 모두 종료
page-logged-in-from = 로그인한 기기
page-ago =
    { $unit ->
        [second] { $count ->
            [0] 방금 전
           *[other] { $count }초 전
        }
        [minute] { $count }분 전
        [hour] { $count }시간 전
       *[day] { $count }일 전
    }
page-unreadable-sessions = 이 서버가 읽을 수 없는 세션: { $count }개
page-more-sessions = 세션 더 보기
page-back = 시작 페이지로
page-allowed-methods = 이 URL은 { $methods } 요청만 허용합니다.

page-weakened = 일부러 취약하게 만든 서버입니다(serve --weaken { $names }). 학습과 테스트에만 사용하세요.
page-problem-unknown-user = 이 이름의 사용자가 없습니다.
page-problem-form-type = 폼을 application/x-www-form-urlencoded 형식으로 보내 주세요.
page-problem-form-too-large = 폼이 너무 큽니다.
page-problem-too-many-forms = 동시에 보낸 폼이 너무 많습니다. 하나씩 보내 주세요.
page-problem-form-unreadable = 폼을 읽을 수 없습니다. 다시 보내 주세요.
page-problem-no-name = 이름을 입력해 주세요(폼 필드 username).
page-problem-name-with-controls = 이름에 제어 문자나 보이지 않는 문자가 있습니다. 그런 문자 없이 입력해 주세요.
page-problem-long-name = 이름이 너무 깁니다. 더 짧게 입력해 주세요.
page-problem-no-password = 비밀번호를 입력해 주세요(폼 필드 password).
page-problem-wrong-password = 이름 또는 비밀번호가 올바르지 않습니다.
page-problem-too-many-attempts = 로그인 시도가 너무 많습니다. 잠시 후 다시 시도해 주세요.
page-problem-no-page = 존재하지 않는 페이지입니다.
page-problem-bad-position = 세션 목록의 위치가 아닙니다. after 필드 없이 목록을 여세요.
page-problem-no-session-named = 종료할 세션을 폼 필드 handle에 지정하거나, 다른 세션을 모두 종료하려면 필드 others를 보내 주세요.
page-problem-no-such-session = 해당 세션이 없습니다.
page-problem-session-ended = 세션이 종료되었습니다. 다시 로그인해 주세요.
page-problem-session-conflict = 세션에 저장된 값 때문에 변경할 수 없습니다.
page-problem-store-unavailable = 세션 저장소가 응답하지 않습니다. 나중에 다시 시도해 주세요.

## 도움말

help-about = 브라우저 없이 HTTP 세션을 살펴보고, 스크립트로 다루고, 테스트하고, 제공합니다
help-after = 각 명령의 옵션과 예시는 sessctl COMMAND --help로 볼 수 있습니다.
help-shared = 여러 명령의 공통 옵션(명령 앞이나 뒤에 지정)
help-group-Start = 시작하기
help-group-Application = 애플리케이션의 세션
help-group-Cookies = 쿠키
help-group-History = 기록과 프로필
help-group-Server = 세션 서버
help-group-Program = sessctl 자체
help-help = 이 목록이나 명령의 도움말 출력
help-exit-codes = 종료 코드
help-exit-0 = 성공
help-exit-1 = 실패: 네트워크, 파일 또는 쿠키 저장소 오류
help-exit-2 = 사용법 오류, 또는 폼에 필요한 비밀번호나 필드를 지정하지 않음
help-exit-3 = 리다이렉트를 따라가지 않음(--max-redirects 0)
help-exit-4 = HTTP 4xx 응답
help-exit-5 = HTTP 5xx 응답
help-exit-6 = 리다이렉트가 너무 많음
help-exit-7 = 기대한 조건, 로그인, 로그아웃 또는 점검이 실패했거나 세션이 없음
help-exit-8 = 시간 초과(--timeout, 30초)

help-option-json = 결과를 JSON으로 출력
help-option-verbose = 요청, 응답, 쿠키 판정 표시
help-option-verbose-more = serve에서는 요청마다 한 줄씩 표시합니다.
help-option-quiet = 결과만 출력
help-option-quiet-more = 경고와 오류, 로그인과 로그아웃의 결과는 그대로 출력합니다.
help-option-reveal = 쿠키 값을 모두 표시
help-option-color = 색상: auto, always, never
help-option-lang = 언어: en 또는 ko
help-option-lang-more = 기본값은 로캘의 언어이며, 없으면 영어입니다. JSON 등의 기계용 형식은 바뀌지 않습니다.
help-option-profile = 클라이언트 프로필
help-option-profile-more =
    프로필마다 쿠키 저장소, 마지막 로그인, 기록이 따로 있습니다. 환경 변수: SESSCTL_PROFILE.
help-option-jar = 프로필 대신 사용할 쿠키 저장소
help-option-jar-more = 이때는 기록을 남기지 않습니다. 환경 변수: SESSCTL_JAR.
help-option-url = 경로의 기준이 되는 서버
help-option-url-more =
    기본값은 설정 파일의 `url`, 마지막으로 로그인한 서버, http://127.0.0.1:8000 순서입니다. 환경 변수: SESSCTL_URL.
help-option-timeout = 명령의 제한 시간
help-option-timeout-more = 첫 연결부터 끝날 때까지의 시간입니다. 입력을 기다리는 시간과 --wait 시간은 제외합니다.
help-option-wait = 서버가 시작되는 동안 재시도
help-option-wait-more =
    연결이 거부되거나 끊기는 동안, 이름을 찾을 수 없는 동안, 응답이 502, 503, 504인 동안 재시도합니다. Retry-After의 시간이
    남은 시간 안에 들면 그만큼 기다립니다. 429 응답도 마찬가지입니다. `serve`는 시작할 때 연결할 수 없는 저장소를 이 시간
    동안 기다립니다.
help-option-delay = 폼을 보내기 전에 대기
help-option-delay-more = 너무 빨리 돌아온 폼을 거부하는 애플리케이션에 사용합니다.
help-option-max-body = 받을 본문의 최대 크기
help-option-cacert = 추가로 신뢰할 인증 기관(PEM)
help-option-cert = 클라이언트 인증서(PEM)
help-option-cert-more =
    클라이언트 인증서를 요구하는 서버에 제시합니다. 파일에 개인 키가 함께 들어 있어도 됩니다.
help-option-key = --cert의 개인 키(PEM)
help-option-insecure = 모든 인증서 허용(curl의 -k)
help-option-insecure-more = 네트워크의 공격자가 모든 내용을 읽고 바꿀 수 있습니다.
help-option-proxy = 모든 요청을 이 프록시로 전송
help-option-proxy-more = 기본값은 http_proxy, https_proxy, all_proxy, no_proxy를 따릅니다.
help-option-resolve = HOST:PORT 대신 ADDR에 연결
help-option-resolve-more = 호스트 이름을 조회하지 않습니다. 여러 번 지정할 수 있습니다.
help-option-help = 도움말 출력(-h: 요약, --help: 자세히)
help-option-version = 버전 출력

help-option-output = 본문을 파일에 저장
help-option-select = CSS 선택자의 요소 출력
help-option-select-more =
    요소마다 텍스트를 한 줄씩 출력합니다. `CSS @ATTRIBUTE`는 대신 속성을 출력합니다. 일치하는 요소가 없으면 종료 코드는 7입니다.
help-option-pointer = JSON 본문의 값 출력
help-option-pointer-more =
    예: /items/0/name(RFC 6901). 텍스트는 따옴표 없이, 다른 값은 JSON으로 출력합니다. 본문에 해당 값이 없으면 종료 코드는
    7입니다.
help-option-include = 상태와 헤더도 출력
help-option-max-redirects = 따라갈 리다이렉트 수
help-option-no-save = 쿠키를 저장하지 않음
help-option-expect-status = 기대하는 상태: 200, 2xx, 301,302
help-option-expect-status-more =
    상태나 상태 클래스를 여러 개 지정할 수 있습니다. 기대하는 조건을 하나라도 지정하면 상태와 관계없이 종료 코드는 0 또는
    7입니다.
help-option-expect-text = 본문에 있어야 하는 텍스트
help-option-expect-text-more = 여러 번 지정할 수 있습니다.
help-option-reject-text = 본문에 없어야 하는 텍스트
help-option-reject-text-more = 여러 번 지정할 수 있습니다.
help-option-expect-cookie = 저장소에 있어야 하는 쿠키
help-option-expect-cookie-more = 이 페이지에 보내는 다음 요청에 전송될 쿠키여야 합니다. 여러 번 지정할 수 있습니다.
help-option-expect-url = 리다이렉트 뒤에 도착해야 하는 주소
help-option-expect-url-more = 경로는 요청한 사이트의 경로입니다. 쿼리가 없으면 쿼리는 비교하지 않습니다.
help-option-expect-no-login = 로그인 폼이 없어야 함
help-option-expect-no-login-more =
    응답이 로그인 폼이 있는 페이지이거나, 로그인 주소로 리다이렉트되었거나, 401이면 실패합니다. 상태만 확인하면 로그인
    페이지도 통과합니다.
help-option-expect-header = 응답에 있어야 하는 헤더
help-option-expect-header-more = 값을 쓰면 값도 같아야 합니다. 여러 번 지정할 수 있습니다.
help-option-expect-json = JSON 본문에 있어야 하는 값
help-option-expect-json-more =
    POINTER는 /user/name이나 /items/0 같은 JSON 포인터입니다. VALUE는 JSON이거나 따옴표 없는 텍스트입니다. 여러 번 지정할
    수 있습니다.
help-option-form = 사용할 폼
help-option-form-more = 폼의 번호, id, 이름 또는 폼을 보내는 경로의 끝부분을 지정합니다.
help-option-name = 이 이름의 쿠키만

help-tour = 세션의 동작을 단계별로 배우기
help-tour-details =
    세션의 동작을 단계별로 배웁니다. 비어 있는 포트에서 서버를 실행하고, 각 요청과 응답, 그로 인해 바뀌는 내용을 보여
    줍니다. 터미널이 아니면 단계 사이에서 기다리지 않습니다. 실습에서는 취약한 서버에서 성공하는 공격이 안전한 서버에서는
    실패하는 것을 볼 수 있습니다.
help-tour-auto = 단계 사이에서 기다리지 않음
help-tour-lesson = 공격과 방어 실습
help-tour-list = 실습 목록 표시
help-tour-example-1 = Enter는 계속, q는 종료
help-tour-example-2 = 한국어로
help-tour-example-3 = 모든 단계를 한 번에
help-tour-example-4 = 공격과 그것을 막는 방법

help-login = 로그인 폼으로 로그인하고 성공했는지 확인
help-login-details =
    로그인 폼을 찾아 입력하고 보낸 뒤 세션이 시작되었는지 확인합니다. 숨은 필드와 CSRF 토큰은 그대로 보냅니다. 쿠키는
    저장소에 저장합니다.
help-option-target = 로그인 폼이나 링크가 있는 페이지
help-option-target-more = 기본값은 기준 URL입니다.
help-option-user = 사용자 이름
help-option-password-stdin = 비밀번호를 표준 입력에서 읽음
help-option-password-stdin-more = 첫 줄만 읽습니다.
help-option-password-file = 비밀번호를 파일에서 읽음
help-option-password-file-more =
    첫 줄만 읽습니다. 이 옵션과 --password-stdin이 없으면 환경 변수 SESSCTL_PASSWORD를 사용하고, 그것도 없으면 직접
    입력받습니다.
help-option-field = 필드 값 지정(추측한 값보다 우선)
help-option-field-more =
    여러 번 지정할 수 있습니다. --as-json과 함께 쓰면 NAME:=JSON으로 숫자, 불리언, 객체를, /A/B=VALUE로 중첩된 멤버를 지정할 수
    있습니다.
help-option-user-field = 사용자 이름 필드
help-option-user-field-more =
    필드의 이름이나 id입니다. --as-json과 --as-form에서 기본값은 username입니다. --as-json에서 /A/B는 중첩된 멤버입니다.
help-option-password-field = 비밀번호 필드
help-option-password-field-more =
    필드의 이름이나 id입니다. --as-json과 --as-form에서 기본값은 password입니다.
help-option-as-json = 이름과 비밀번호를 JSON으로 전송
help-option-as-json-more = 단일 페이지 애플리케이션(SPA)처럼 URL로 바로 보냅니다.
help-option-as-form = 이름과 비밀번호를 폼 필드로 전송
help-option-as-form-more =
    --as-json과 같지만, 스크립트가 폼 인코딩으로 보내는 애플리케이션에 사용합니다.
help-login-expect-text = 로그인에 성공해야 보이는 텍스트
help-login-expect-text-more = 로그인이 끝난 페이지에 이 텍스트가 있을 때만 성공으로 판정합니다.
help-option-token-field = 세션 토큰이 있는 멤버
help-option-token-field-more =
    이름이나 JSON 포인터(/data/key)를 지정합니다. 기본값: access_token처럼 이름이 토큰을 뜻하는 멤버.
help-option-token-header = 토큰을 전송할 헤더
help-option-token-header-more = {"{}"} 자리에 토큰이 들어갑니다. 기본값: 'Authorization: Bearer {"{}"}'.
help-option-refresh-url = 토큰을 갱신할 주소
help-option-refresh-url-more = 기본값: 응답이나 서버의 OpenID 설정에 있는 주소.
help-option-judge-by = 이 페이지로 로그인 여부 확인
help-option-judge-by-more = 로그인하지 않은 클라이언트에는 다르게 보이는 페이지여야 합니다.
help-option-allow-insecure-password = 안전하지 않아도 비밀번호를 보냄
help-option-allow-insecure-password-more =
    https 다음에 암호화되지 않은 주소로 보내는 경우와, https가 아닌 페이지에서 이어진 다른 사이트로 보내는 경우입니다.
help-login-browser = 설치된 브라우저로 로그인
help-login-browser-more =
    JavaScript만 그리는 페이지에 사용합니다. Chromium이나 Firefox가 창 없이 페이지를 열고 폼을 채워 보낸 뒤 쿠키를 넘겨줍니다.
    --browser=window를 지정하면 패스키나 캡차처럼 사람이 필요한 로그인을 창에서 직접 할 수 있습니다. SESSCTL_BROWSER로 브라우저를
    지정합니다(경로, chromium 또는 firefox).
help-login-window-timeout = 사람이 로그인할 시간
help-login-window-timeout-more = --browser=window와 함께 사용합니다. 그동안 --timeout은 흐르지 않습니다.
help-login-explain = 폼과 필드를 선택한 이유 설명
help-login-explain-more = 살펴본 페이지를 모두 표시합니다.
help-login-if-needed = 세션이 없을 때만 로그인
help-login-if-needed-more =
    `status`처럼 --judge-by 페이지나 지난 로그인의 페이지로 확인합니다. --user가 아닌 다른 사용자의 세션은 없는 것으로
    봅니다. 세션이 있으면 비밀번호를 묻지 않습니다.
help-login-remember = 이 로그인의 옵션 저장
help-login-remember-more =
    프로젝트의 `.sessctl.toml`이나 사용자의 설정 파일에 저장합니다. 비밀번호, 헤더, 비밀 값일 수 있는 필드는 저장하지
    않습니다.
help-login-continue = 기다리는 로그인을 이어서 진행
help-login-continue-more =
    마지막 로그인이 추가 단계에서 멈춘 경우입니다. --code, --code-stdin, --totp-secret-file 또는 --field로 답합니다. 멈춘 단계는
    프로필에 1시간 동안 보관됩니다.
help-option-code = 2단계 인증용 일회용 코드
help-option-code-stdin = 일회용 코드를 표준 입력에서 읽음
help-option-code-stdin-more = 첫 줄만 읽습니다. --password-stdin과 함께 쓰면 둘째 줄만 읽습니다.
help-option-totp-secret-file = 이 비밀 키로 코드 계산
help-option-totp-secret-file-more =
    파일의 첫 줄은 인증 앱에 등록할 때처럼 base32 비밀 키나 otpauth:// URL입니다.
help-login-example-1 = `sessctl serve`에 로그인
help-login-example-2 = 비밀번호를 입력받음
help-login-example-4 = 요청과 판정 표시
help-login-example-5 = 이 폼과 필드를 고른 이유
help-login-example-8 = 스크립트가 그리는 페이지
help-login-example-9 = 코드를 기다리는 로그인
help-login-example-10 = 세션이 끝났을 때만

help-status = 로그인했는지, 누구로, 언제까지인지 확인
help-status-details =
    로그인했는지 확인합니다. 저장된 쿠키가 있을 때와 없을 때의 페이지를 비교합니다. 쿠키가 세션을 열면 종료 코드는 0이고,
    그렇지 않거나 페이지로 알 수 없으면 7입니다.
help-status-target = 로그인하지 않으면 달라지는 페이지
help-status-target-more = 기본값은 지난 로그인이 끝난 페이지이며, 없으면 기본 URL입니다.
help-status-expect-text = 로그인한 사용자에게만 보이는 텍스트
help-status-expect-text-more = 페이지에 이 텍스트가 있을 때만 로그인한 것으로 판정합니다.
help-status-example-1 = 지난 로그인이 끝난 곳
help-status-example-2 = 이 페이지로 확인

help-visit = 저장된 쿠키로 요청 하나를 보내고 본문 출력
help-visit-target = 요청할 대상 [기본값: /]
help-visit-request = 메서드
help-visit-request-more = 기본값은 GET이며, 본문이 있으면 POST입니다.
help-option-header = 헤더 전송
help-option-header-more =
    여러 번 지정할 수 있습니다. URL의 출처(origin)로 가는 요청에만 전송합니다.
help-option-basic-user = HTTP Basic 인증의 사용자 이름
help-option-basic-user-more =
    URL의 출처(origin)로 가는 모든 요청에 보내며, 다른 출처에는 보내지 않습니다. 이 옵션이 없으면 https 사이트나 이
    컴퓨터의 사이트가 요구할 때 $NETRC나 ~/.netrc 파일의 값을 보냅니다.
help-option-basic-password-file = Basic 인증의 비밀번호를 파일에서 읽음
help-option-basic-password-file-more =
    첫 줄만 읽습니다. 이 옵션이 없으면 환경 변수 SESSCTL_BASIC_PASSWORD를 사용하고, 그것도 없으면 직접 입력받습니다.
help-visit-header = 헤더 전송
help-visit-header-more =
    여러 번 지정할 수 있습니다. Cookie 헤더의 쿠키는 저장소에 있는 같은 이름의 쿠키를 대신합니다.
help-visit-no-cookies = 저장된 쿠키를 보내지도 저장하지도 않음
help-visit-data = 폼 필드 전송
help-visit-data-more = 여러 번 지정할 수 있습니다.
help-visit-body = 텍스트, 파일, 표준 입력(-) 전송
help-visit-body-json = JSON, JSON 파일, 표준 입력(-) 전송
help-visit-example-3 = POST로 보내는 폼
help-visit-example-5 = 보낸 내용과 그 이유

help-submit = 페이지의 폼을 작성해서 전송
help-submit-details = 페이지의 폼을 작성해서 보냅니다. 숨은 필드는 그대로 두고 CSRF 토큰도 함께 보냅니다.
help-submit-target = 폼이 있는 페이지 [기본값: /]
help-submit-fields = 필드의 값
help-submit-fields-more =
    NAME은 필드의 이름, id 또는 레이블입니다. NAME=@FILE은 파일을 업로드하거나 그 내용을 입력하고, NAME=@-는 표준 입력으로 똑같이 합니다. 나머지 필드의 값은 바꾸지 않습니다.
help-submit-button = 누를 버튼
help-submit-button-more =
    버튼의 id, 이름, 값 또는 텍스트를 지정합니다. 기본값은 Enter를 누를 때 동작하는 버튼입니다.
help-submit-no-button = 버튼을 누르지 않음
help-submit-no-button-more = 스크립트가 폼을 보낼 때처럼 버튼의 이름을 보내지 않습니다.
help-submit-allow-insecure-password = 안전하지 않아도 비밀번호를 보냄
help-submit-allow-insecure-password-more =
    https 다음에 암호화되지 않은 주소로 보내는 경우와, https가 아닌 페이지에서 이어진 다른 사이트로 보내는 경우입니다.
help-submit-list = 폼과 필드의 목록 출력
help-submit-example-1 = 폼과 필드

help-logout = 로그아웃하고 서버가 세션을 끝냈는지 확인
help-logout-details =
    로그아웃 폼이나 링크를 찾아 로그아웃합니다. 그런 다음 이전 쿠키를 다시 보내, 서버가 세션을 끝냈는지 아니면 쿠키만
    삭제했는지 확인합니다.
help-logout-target = 로그아웃 폼이나 링크가 있는 페이지
help-logout-target-more = 기본값은 마지막 로그인이 끝난 페이지입니다. 로그아웃 주소를 지정하면 그 주소를 직접 요청합니다.
help-logout-example-1 = 마지막 로그인이 끝난 페이지에서
help-logout-example-2 = 이 페이지의 폼이나 링크로

help-audit = 애플리케이션의 세션 처리를 점검
help-audit-details =
    로그인과 로그아웃을 하고, 이전 쿠키를 다시 보내고, 토큰을 바꿔 보면서 페이지가 무엇을 보여 주는지 비교합니다. 점검해도
    되는 애플리케이션의 테스트 계정을 사용하세요. 쿠키 저장소, 프로필, 기록은 읽지도 바꾸지도 않습니다.
help-audit-expect-text = 로그인에 성공해야 보이는 텍스트
help-audit-expect-text-more = 로그인이 끝난 페이지에 이 텍스트가 있을 때만 성공으로 판정합니다.
help-audit-second-user = 사용자 두 명이 필요한 점검의 계정
help-audit-second-password-file = 그 계정의 비밀번호를 파일에서 읽음
help-audit-second-password-file-more =
    첫 줄만 읽습니다. 이 옵션이 없으면 환경 변수 SESSCTL_SECOND_PASSWORD를 사용합니다.
help-audit-write = 숫자에 1을 더하는 요청
help-audit-write-more =
    METHOD PATH [NAME=VALUE…]를 인자 하나로 지정합니다. 갱신 손실, CSRF, 되살아난 세션을 점검할 때 사용합니다.
help-audit-value = 응답에서 그 숫자가 있는 위치
help-audit-value-more = JSON 포인터(/count) 또는 CSS 선택자(#count)입니다.
help-audit-value-at = 숫자를 대신 보여 주는 페이지
help-audit-sessions-page = 사용자의 세션 목록이 있는 페이지
help-audit-idle-timeout = 세션을 쓰지 않아도 유지되는 시간
help-audit-absolute-timeout = 세션이 유지되는 최대 시간
help-audit-clock-command = 서버의 시계를 앞으로 돌리는 명령
help-audit-clock-command-more =
    셸에서 실행합니다. 명령 안의 {"{}"}는 초 단위 시간으로 바뀝니다. 이 옵션이 없으면 만료될 때까지 기다립니다.
help-audit-only = 이 점검만 실행
help-audit-only-more = 쉼표로 구분하거나 여러 번 지정할 수 있습니다.
help-audit-skip = 이 점검은 제외
help-audit-skip-more = 쉼표로 구분하거나 여러 번 지정할 수 있습니다.
help-audit-passive = 로그인과 로그아웃 한 번만 관찰
help-audit-logins = 토큰 점검에 쓸 로그인 횟수
help-audit-max-requests = 보낼 수 있는 요청 수
help-audit-max-wrong-passwords = 보낼 수 있는 틀린 비밀번호 수
help-audit-max-wrong-passwords-more = 더 많이 보내면 계정이 잠길 수 있습니다.
help-audit-authorized = 이 호스트를 점검해도 됨
help-audit-authorized-more =
    이 컴퓨터가 아닌 호스트에는 반드시 필요합니다. 점검은 틀린 비밀번호와 위조한 쿠키를 보냅니다.
help-audit-fail-on = 실패로 볼 심각도: high, medium(기본값), low
help-audit-fail-on-more = 심각도가 더 낮은 문제는 목록에만 표시하고 종료 코드는 0입니다.
help-audit-baseline = 실패로 보지 않을 문제
help-audit-baseline-more =
    --write-baseline으로 만든 파일입니다. 파일에 없는 문제가 있으면 종료 코드는 7입니다.
help-audit-write-baseline = 문제를 기준 파일에 저장
help-audit-format = 보고서: text, json, junit, sarif, html
help-audit-output = 보고서를 파일에 저장
help-audit-list = 점검 목록 출력
help-audit-list-more = --only, --skip, --passive를 지정하면 실행할 점검만 출력합니다.
help-audit-explain = 점검과 문제 해결 방법 설명
help-audit-example-1 = `sessctl serve` 점검
help-audit-example-3 = 로그인과 로그아웃 한 번
help-audit-example-5 = 새로운 문제만 실패
help-audit-example-6 = 점검 목록
help-audit-example-7 = 하는 일과 해결 방법

help-exec = 세션을 사용해서 명령 실행: curl, wget, Python, Playwright
help-exec-details =
    세션을 사용해서 명령을 실행하고 그 종료 코드를 반환합니다. curl과 wget은 쿠키를 자동으로 보냅니다. 다른 프로그램은 파일을
    읽습니다. SESSCTL_COOKIES는 cookies.txt, SESSCTL_COOKIES_PYTHON은 파이썬 MozillaCookieJar용 cookies.txt,
    SESSCTL_STORAGE_STATE는 Playwright용 storage state입니다. 명령이 끝나면 파일을 삭제합니다.
help-exec-save = 명령이 바꾼 쿠키 저장
help-exec-save-more =
    curl, wget, 파이썬의 파일과 storage state에서 바뀐 쿠키입니다. curl이나 wget이 삭제한 쿠키는 저장소에서도 삭제합니다.
help-exec-command = 명령과 인자
help-exec-example-2 = 스크립트가 바꾼 쿠키를 유지

help-show-cookies = 저장된 쿠키를 표시하고 디코딩
help-show-cookies-value = --name 쿠키의 값만 출력
help-show-cookies-value-more = 스크립트에서 쓸 수 있게 전체 값을 출력합니다.
help-show-cookies-decode = 값 디코딩(JWT, Flask 등)
help-show-cookies-decode-more = 키 없이 읽을 수 있는 내용만 디코딩합니다.
help-show-cookies-netscape = curl, wget, python용 cookies.txt로 출력
help-show-cookies-netscape-more =
    Netscape 형식입니다. 기본값은 curl이며, wget은 HttpOnly를 지원하지 않습니다. 파이썬의 MozillaCookieJar는 세션 쿠키를
    ignore_discard=True로 읽습니다.
help-show-cookies-storage-state = Playwright용 storage state로 출력
help-show-cookies-storage-state-more = 모든 브라우저에서 컨텍스트의 storageState로 사용합니다.
help-show-cookies-httpie = HTTPie나 xh용 세션으로 출력
help-show-cookies-httpie-more = `http --session=./FILE.json`에 사용합니다.
help-show-cookies-curl-config = curl -K용 설정으로 출력
help-show-cookies-curl-config-more =
    --url에 보내는 요청의 쿠키를 담습니다. curl은 지정한 모든 URL에 이 쿠키를 보냅니다.
help-show-cookies-header = 이 URL의 Cookie 헤더로 출력
help-show-cookies-header-more = URL이나 경로를 지정합니다.
help-show-cookies-example-2 = 값에 담긴 내용
help-show-cookies-example-3 = 스크립트용
help-show-cookies-example-4 = curl -b에 사용
help-show-cookies-example-5 = MozillaCookieJar에 사용
help-show-cookies-example-6 = Playwright에 사용

help-why = 쿠키가 전송·저장되거나 되지 않는 이유 설명
help-why-details =
    저장된 쿠키마다 요청에 전송되는지, RFC 6265bis의 어느 규칙 때문인지, 어떻게 바꿀 수 있는지 설명합니다.
help-why-target = URL, 호스트 또는 기준 URL의 경로
help-why-set-cookie = 이 Set-Cookie 줄을 대신 설명
help-why-set-cookie-more = 이 URL의 응답에 있을 때 저장되는지 설명합니다. 여러 번 지정할 수 있습니다.
help-why-from = 이 사이트의 페이지에서 보낸 요청
help-why-from-more = null은 샌드박스 프레임처럼 불투명한 출처입니다.
help-why-method = 요청의 메서드
help-why-embedded = 이미지, 프레임, 스크립트의 요청
help-why-embedded-more = 페이지 이동이 아닌 요청입니다.
help-why-example-1 = 이곳에 쿠키가 전송되는가?

help-set-cookie = 저장소에 쿠키 하나를 저장
help-set-cookie-details =
    URL의 응답처럼 쿠키 하나를 저장소에 저장합니다. 요청은 보내지 않습니다. 브라우저가 거부하는 쿠키는 오류입니다.
help-set-cookie-target = URL, 호스트 또는 기준 URL의 경로
help-set-cookie-target-more = 쿠키를 설정하는 응답의 페이지입니다.
help-set-cookie-line = Set-Cookie 헤더에 쓰는 형식의 쿠키

help-show-token = 쿠키가 없는 세션의 토큰 표시
help-show-token-details =
    쿠키가 없는 세션의 토큰을 표시합니다. login --as-json은 응답의 토큰을 프로필에 저장합니다. 토큰은 스킴, 호스트, 포트가 같은
    서버에만 전송됩니다.
help-show-token-origin = 이 서버의 토큰만
help-show-token-value = 값만 출력
help-show-token-value-more = 스크립트에서 쓸 수 있게 전체 값을 출력합니다.
help-show-token-example-2 = 스크립트용
help-clear-cookies = 저장된 쿠키 삭제
help-clear-cookies-details =
    저장된 쿠키를 삭제합니다. 지정한 조건을 모두 충족하는 쿠키를 삭제합니다. --name이나 --domain에 해당하는 쿠키가 없으면
    오류입니다. 서버에는 알리지 않으므로 서버의 세션은 만료될 때까지 남습니다.
help-clear-cookies-name = 이 이름의 쿠키
help-clear-cookies-domain = 이 도메인과 하위 도메인의 쿠키
help-clear-cookies-domain-more = 이름, *.이름, 호스트:포트 또는 URL을 지정합니다.
help-clear-cookies-expired = 만료된 쿠키
help-clear-cookies-session = 세션 쿠키(브라우저를 닫을 때처럼)
help-clear-cookies-session-more = Max-Age와 Expires가 없는 쿠키입니다.
help-clear-cookies-all = 모든 쿠키
help-clear-cookies-example-1 = 브라우저를 닫을 때처럼

help-history = 프로필의 명령이 주고받은 내용 표시
help-history-details =
    프로필의 명령이 주고받은 내용과 그로 인해 쿠키 저장소에서 바뀐 내용을 표시합니다. login, visit, submit, logout, clock이
    기록됩니다.
help-history-numbers = 표시할 명령의 번호
help-history-last = 마지막 명령 N개만
help-history-last-more = 기본값은 10이며, 다이어그램과 스크립트는 1, HAR은 전체입니다.
help-history-har = HAR 1.2로 출력(브라우저 개발자 도구용)
help-history-curl = curl로 다시 실행하는 셸 스크립트로 출력
help-history-curl-more = 비밀 값과 기록되지 않는 본문은 변수입니다. 각 응답의 상태를 확인합니다.
help-history-hurl = hurl로 다시 실행하는 파일로 출력
help-history-hurl-more = 비밀 값과 기록되지 않는 본문은 변수입니다. 각 응답의 상태를 확인합니다.
help-history-diagram = 시퀀스 다이어그램으로 출력
help-history-mermaid = Mermaid 시퀀스 다이어그램으로 출력
help-history-svg = SVG 시퀀스 다이어그램(-: 표준 출력)
help-history-clear = 기록 삭제
help-history-example-1 = 각 단계와 변경 사항
help-history-example-2 = 12번 명령의 모든 헤더
help-history-example-3 = 시퀀스 다이어그램
help-history-example-4 = 브라우저 개발자 도구용
help-history-example-6 = 다시 실행하는 스크립트

help-serve = 세션 서버 실행
help-serve-bind = 수신할 주소
help-serve-bind-more = 포트가 0이면 비어 있는 포트를 사용합니다.
help-serve-admin-bind = 상태 확인과 지표를 제공할 추가 주소
help-serve-admin-bind-more =
    /healthz, /readyz, /metrics에 평문 HTTP로, 모든 Host에 대해 응답합니다. 다른 주소에서는 프록시를 거치지 않은 이
    컴퓨터의 요청에만 응답합니다.
help-serve-store = 세션 저장소
help-serve-store-more =
    memory, 다시 시작해도 세션을 유지하는 sqlite:FILE, 또는 여러 서버가 공유하는 데이터베이스를 지정합니다:
    redis://HOST, rediss://HOST(TLS), redis+sentinel://HOST/SERVICE, postgres://USER@HOST/DATABASE. 환경 변수: SESSCTL_STORE(URL의 비밀번호가 프로세스
    목록에 보이지 않게 합니다).
help-serve-users = 이 파일의 계정만 로그인 허용
help-serve-users-more =
    파일은 `sessctl users add`로 만듭니다. 변경은 바로 적용됩니다. 이 옵션이 없으면 누구나 어떤 이름으로든 로그인할 수
    있습니다.
help-serve-max-sessions-per-user = 사용자별 세션 수 제한
help-serve-max-sessions-per-user-more = 제한을 넘어 로그인하면 그 사용자의 가장 오래된 세션이 끝납니다. 0은 무제한입니다.
help-serve-cookie-name = 세션 쿠키 이름
help-serve-cookie-name-more = TLS를 사용하면 이름 앞에 __Host-가 붙습니다.
help-serve-idle-timeout = 유휴 만료 시간
help-serve-idle-timeout-more = 이 시간 동안 사용하지 않은 세션은 만료됩니다.
help-serve-lifetime = 최대 수명
help-serve-lifetime-more = 로그인하고 이 시간이 지나면 세션이 만료됩니다.
help-serve-secure = 세션 쿠키에 Secure 지정
help-serve-secure-more = TLS를 처리하는 프록시 뒤에 있는 서버에 사용합니다.
help-serve-tls-cert = 이 인증서로 HTTPS 제공
help-serve-tls-cert-more =
    인증서와 인증서 체인이 담긴 PEM 파일입니다. HTTP/2를 사용합니다. SIGHUP을 보내면 파일을 다시 읽습니다.
help-serve-tls-key = 인증서의 개인 키(PEM)
help-serve-log = 표준 오류에 로그 출력: text, json
help-serve-log-more = 요청, 세션 이벤트, 오류를 기록합니다.
help-serve-trust-proxy = 이 네트워크의 프록시 신뢰
help-serve-trust-proxy-more =
    이 프록시가 보낸 X-Forwarded-For, X-Forwarded-Proto, Forwarded 헤더를 사용합니다. 이때 암호화되지 않은 HTTP는 HTTPS로
    리다이렉트하고 쿠키에 Secure를 지정합니다.
help-serve-public-url = 브라우저에 보이는 출처: https://HOST
help-serve-host = 추가로 응답할 호스트 이름
help-serve-host-more = 여러 번 지정할 수 있습니다.
help-serve-time-travel = `clock advance`로 시계 변경 허용
help-serve-time-travel-more =
    `sessctl clock advance`로 이 서버의 시계를 앞으로 돌릴 수 있어, 만료를 테스트할 때 기다릴 필요가 없습니다.
help-serve-inspect = 실시간 트래픽 페이지 제공
help-serve-inspect-more =
    이 페이지는 이 컴퓨터에서, 표준 오류에 출력되는 비밀 URL로만 열 수 있습니다. 요청이 초당 50건을 넘으면 일부만 표시하고
    그 사실을 알립니다.
help-serve-weaken = 일부러 취약하게 만든 서버 실행
help-serve-weaken-more =
    학습과 테스트에 사용합니다. 취약점 이름을 쉼표로 구분해 적습니다. `--weaken list`는 목록을 표시하며, --json도 쓸 수
    있습니다. 이 컴퓨터에서만 사용할 수 있습니다.
help-serve-open-to-anyone = --users 없이 원격 로그인 허용
help-serve-open-to-anyone-more = 서버에 접속할 수 있는 사람은 누구나 어떤 이름으로든 로그인할 수 있습니다.
help-serve-example-1 = http://127.0.0.1:8000 에서
help-serve-example-2 = 비어 있는 포트, 요청마다 한 줄
help-serve-example-3 = 실시간 트래픽 페이지와 함께
help-serve-example-4 = 다시 시작해도 세션 유지
help-serve-example-5 = 더 빨리 만료되는 세션

# 도움말 목록에만 한국어로 표시되는 명령입니다.

help-import-cookies = 다른 프로그램의 쿠키 가져오기
help-config = 설정과 출처를 표시하거나 설정 파일을 신뢰
help-profiles = 클라이언트 프로필 목록, 표시, 복사, 삭제
help-users = 서버의 계정 관리
help-sessions = 서버 저장소의 세션 목록, 표시, 강제 종료
help-clock = 테스트 서버의 시계를 앞으로 돌리기(serve --time-travel)
help-completions = 셸 자동 완성 스크립트 출력
help-man = sessctl이나 명령의 매뉴얼 출력

## 사용법 오류

error-label = 오류:
hint-label = 힌트:
usage-heading = 사용법:
usage-arguments = 인자:
usage-options = 옵션:
usage-output-options = 출력 옵션:
usage-client-options = 클라이언트 옵션:
usage-examples = 예시:
usage-any-options = [옵션]
usage-command = <명령>
usage-default = [기본값:
usage-possible-values = [가능한 값:
usage-more-information = 자세한 내용은 다음 옵션으로 볼 수 있습니다:
usage-unexpected = 알 수 없는 인자 '
usage-found = '이(가) 있습니다
usage-unrecognized = 알 수 없는 명령입니다: '
usage-required = 다음 필수 인자가 없습니다:
usage-value-required = 옵션 '
usage-none-supplied = '에 값이 없습니다
usage-invalid-value = 올바르지 않은 값 '
usage-invalid-for = ', 옵션 '
usage-argument = 인자 '
usage-conflicts = '와(과) 함께 사용할 수 없는 인자:
usage-conflict = '와(과) 함께 사용할 수 없는 인자 '
usage-repeated = '은(는) 한 번만 지정할 수 있습니다
usage-similar-argument = 비슷한 인자가 있습니다:
usage-similar-arguments = 비슷한 인자들이 있습니다:
usage-similar-value = 비슷한 값이 있습니다:
usage-similar-values = 비슷한 값들이 있습니다:
usage-check-list = sessctl audit --list는 모든 점검의 이름을 출력합니다
usage-similar-command = 비슷한 명령이 있습니다:
usage-similar-commands = 비슷한 명령들이 있습니다:
usage-curl-k = curl의 -k는 --insecure입니다. --cacert FILE은 인증 기관 하나를 추가로 신뢰합니다
usage-curl-b =
    저장된 쿠키는 자동으로 전송됩니다. 쿠키를 추가하려면 import-cookies FILE, 다른 저장소를 사용하려면 --jar FILE을
    지정하세요
usage-curl-c = 응답의 쿠키는 자동으로 저장됩니다. 다른 저장소를 사용하려면 --jar FILE을 지정하세요
usage-curl-L = 리다이렉트는 기본으로 따라갑니다. --max-redirects N으로 횟수를 제한할 수 있습니다

## 로그인과 로그아웃

login-done = { $page } 에 로그인했습니다
login-done-as = { $page } 에 { $user } 사용자로 로그인했습니다
login-refused = 로그인이 거부되었습니다(상태 { $status }): { $why }
login-failed = 로그인에 실패했습니다(상태 { $status }): { $why }
login-no-reason = 이유를 알려 주지 않았습니다
login-second-factor =
    아직 로그인되지 않았습니다. { $page } 에서 일회용 코드와 같은 추가 단계를 요구합니다
login-second-factor-command = { $command } 명령으로 코드를 보내세요
login-second-factor-hint = --totp-secret-file FILE은 코드를 계산합니다. 로그인할 때 바로 지정할 수도 있습니다
login-again-hint = { $command } 명령으로 다시 시도할 수 있습니다
login-continue-hint = { $command } 명령으로 이 단계의 폼을 채워 이어서 진행하세요
login-continue-jar =
    --continue에는 프로필이 필요하지만 --jar에는 프로필이 없습니다. 두 명령 모두 --profile을 사용하거나, 로그인할 때
    --code CODE 또는 --totp-secret-file FILE을 지정하세요
login-continue-none =
    추가 단계를 기다리는 로그인이 없습니다. 먼저 sessctl login을 실행하세요(단계는 1시간 동안 보관됩니다)
login-another-step = 아직 로그인되지 않았습니다. { $page } 에서 추가 단계를 요구합니다
login-consent = 아직 로그인되지 않았습니다. { $page } 에서 로그인 동의를 요구합니다
login-consent-hint =
    { $command } 명령으로 동의할 수 있습니다. 먼저 브라우저에서 페이지를 읽어 보세요
login-script-only =
    로그인되지 않았습니다. { $page } 의 로그인 폼은 브라우저만 실행할 수 있는 JavaScript가 전송합니다
login-script-only-hint =
    --browser는 설치된 브라우저로 스크립트를 실행합니다. --as-json이나 --as-form은 페이지의 스크립트가 사용하는 URL로 이름과 비밀번호를 보냅니다
login-captcha = 로그인되지 않았습니다. { $page } 에서 사람만 풀 수 있는 캡차를 요구합니다
login-rate-limited = 요청이 너무 많습니다. { $page } 에서 요청 횟수를 제한합니다(429)
login-rate-limited-until =
    요청이 너무 많습니다. { $page } 에서 요청 횟수를 제한합니다(429). { $seconds }초 후에 다시 시도하세요
login-cookie-rejected =
    로그인되지 않았습니다. 로그인 쿠키 { $name } 의 저장이 거부되었습니다({ $reason }): { $rule }
login-cookie-not-sent =
    로그인되지 않았습니다. 로그인 쿠키 { $name } 이(가) 애플리케이션의 페이지로 전송되지 않습니다({ $reason }): { $rule }
login-no-evidence =
    로그인되지 않았습니다. { $page } 는 이번 로그인의 쿠키를 빼고 요청해도 같은 페이지입니다
login-fails-with-cookies =
    로그인하지 못했습니다. { $page } 은(는) 이번 로그인의 쿠키를 보내면 실패하고(상태 { $with }), 쿠키가 없으면 열립니다(상태 { $without })
login-step-hint =
    이 단계의 쿠키는 저장소에 있습니다. { $command } 로 폼을 채워 보내세요. 로그인할 때 --code CODE를 지정하면 코드를 바로
    보냅니다
login-form-remains = 로그인하지 못했습니다. 이번 로그인의 쿠키를 보내도 { $page } 은(는) 여전히 로그인을 요구합니다
login-needs-basic =
    로그인하지 못했습니다. { $page } 은(는) HTTP Basic 인증으로 열리지만 쿠키만으로는 열리지 않습니다. 명령마다
    --basic-user NAME을 지정하세요
login-window-hint =
    --browser=window는 직접 로그인할 수 있는 창을 엽니다. sessctl이 세션을 넘겨받습니다
browser-no-sandbox =
    시스템이 허용하지 않아(root이거나 사용자 네임스페이스 없음) 브라우저가 샌드박스 없이 실행됩니다. 신뢰하는
    애플리케이션에만 로그인하세요
browser-window-opened = 브라우저 창에서 로그인하세요. 세션이 생기면 창이 닫힙니다
browser-cookie-left-out = 브라우저의 { $cookie } 은(는) 저장하지 않았습니다: { $why }
login-page-says = 페이지의 메시지: { $messages }
login-about-page = 페이지 정보: { $blocker }
login-no-evidence-hint =
    로그인한 사용자에게만 보이는 페이지는 --judge-by PATH로, 그 페이지의 텍스트는 --expect-text TEXT로 지정하세요

logout-ended = 로그아웃했습니다. 서버가 세션을 끝냈으며 이전 쿠키는 더 이상 유효하지 않습니다
logout-only-cookie-gone =
    쿠키만 삭제되었습니다. 이전 쿠키를 가진 사람은 누구나 세션을 계속 사용할 수 있습니다
logout-only-cookie-gone-hint =
    쿠키 자체에 세션이 담겨 있으면(show-cookies --decode로 확인) 서버가 세션을 끝낼 수 없습니다
logout-token-ended = 로그아웃했습니다. 서버가 세션을 끝냈으며 이전 토큰은 더 이상 유효하지 않습니다
logout-only-token-gone =
    토큰만 삭제되었습니다. 서버는 이 토큰을 가진 사람의 요청을 계속 받아들입니다
logout-only-token-gone-hint = logout PATH로 애플리케이션이 로그아웃하는 주소를 지정하세요
logout-token-no-evidence =
    토큰을 삭제했지만 서버가 이 토큰을 계속 받아들이는지 알 수 없습니다. { $page } 는 토큰이 없어도 같은 페이지입니다
logout-forgotten = 프로필에서 삭제된 토큰: { $name }
logout-still-logged-in = 아직 로그인되어 있습니다. 사용한 수단({ $control })으로는 아무 변화가 없습니다
logout-sign-on-alive = 로그아웃되지 않았습니다. { $host } 의 싱글 사인온 세션이 아직 살아 있습니다
logout-sign-on-again = 아직 로그인되어 있습니다. { $host } 의 싱글 사인온이 다시 로그인시킵니다
logout-no-evidence =
    세션이 끝났는지 알 수 없습니다. { $page } 는 쿠키가 있을 때와 없을 때 같은 페이지입니다
logout-logged-in-again =
    아직 로그인되어 있습니다. 세션은 끝났지만 저장소에 남은 쿠키로 다시 로그인됩니다
logout-sign-on-hint =
    { $host } 에서도 로그아웃하세요. logout에 { $host } 페이지의 URL을 지정하면 됩니다
logout-unavailable =
    세션이 끝났는지 알 수 없습니다. { $page } 의 응답 상태는 { $status } 입니다
logout-script-hint =
    페이지의 스크립트가 요청에 토큰을 추가하는지 확인하세요. logout PATH로 다른 주소를 지정할 수 있습니다
logout-confirmed = 확인한 수단: { $control }
logout-revived =
    이전 쿠키로 여전히 세션이 열립니다. 이 확인이 클라이언트를 다시 로그인시켜서 로그아웃을 한 번 더 실행했습니다
logout-used = 사용한 수단: { $control }
logout-by-get = GET 요청으로 로그아웃됩니다. 다른 사이트의 링크나 이미지로도 로그아웃시킬 수 있습니다
logout-deleted = 저장소에서 삭제된 쿠키: { $names }

evidence-cookie-issued = 서버가 쿠키를 발급했습니다: { $name }
evidence-cookie-renewed = 서버가 쿠키 값을 새로 발급했습니다: { $name }
evidence-login-form-gone = 로그인 폼이 사라졌습니다
evidence-logout-control = 로그아웃 수단이 있습니다: { $control }
evidence-differs = 쿠키가 있으면 { $path } 의 내용이 달라집니다: { $differences }
evidence-drawn-differs = 빈 브라우저에서는 { $path } 이(가) 다르게 그려집니다: { $differences }
evidence-accepted = 서버가 사용자 이름과 비밀번호를 받아들였습니다(상태 { $status })
login-remembered = 이 로그인의 옵션을 저장했습니다: { $path }
login-remember-hint = --remember를 지정하면 다음 옵션을 저장합니다:
login-status = { $page } 에 로그인되어 있습니다
login-status-as = { $page } 에 { $user } 사용자로 로그인되어 있습니다
login-status-until = 만료: { $at } (쿠키 { $name })
login-status-until-server = 만료: 서버가 세션을 끝낼 때. 쿠키 { $name } 에 만료 시각이 없습니다
login-status-until-token = 만료: { $at } (토큰 { $name })
login-status-until-server-token = 만료: 서버가 세션을 끝낼 때. 토큰 { $name } 의 만료 시각은 알 수 없습니다
login-status-same-page = 로그인 여부를 알 수 없습니다. { $page } 의 내용이 쿠키가 있을 때와 없을 때 같습니다
login-status-unavailable = 로그인 여부를 알 수 없습니다. { $page } 의 응답: { $status }
login-status-bad-redirect = 로그인 여부를 알 수 없습니다. { $page } 의 리다이렉트를 따라갈 수 없습니다
login-status-unclear =
    로그인 여부를 알 수 없습니다. 쿠키가 있을 때 { $page } 의 응답은 { $status } 이고, 쿠키가 없으면 다릅니다
login-status-hint =
    로그인한 사용자에게만 보이는 페이지를 sessctl status PATH로, 그 페이지의 텍스트를 --expect-text로 지정하세요
login-status-no-cookies = 로그인하지 않았습니다. 저장소에 { $page } 의 쿠키가 없습니다
login-status-login-form = 로그인하지 않았습니다. { $page } 에 로그인 폼이 있습니다
login-status-login-address = 로그인하지 않았습니다. { $page } 는 { $target } 로 리다이렉트됩니다
login-status-login-link =
    로그인하지 않았습니다. { $page } 에 로그인 링크가 있고, 쿠키가 없을 때와 같은 페이지입니다
login-status-further-step = 아직 로그인하지 않았습니다. { $page } 가 로그인의 다음 단계를 요구합니다
login-status-refused = 로그인하지 않았습니다. { $page } 의 응답: { $status }
login-status-no-difference =
    로그인하지 않았습니다. 로그인 뒤 { $page } 는 쿠키에 따라 달랐지만 지금은 쿠키가 없을 때와 같습니다
login-status-no-text = 로그인하지 않았습니다. { $page } 에 이 텍스트가 없습니다: { $text }
evidence-token-issued = 서버가 토큰을 발급했습니다: { $name }
evidence-differs-with-token = 토큰이 있으면 { $path } 의 내용이 달라집니다: { $differences }
evidence-expected-text = 페이지에 기대한 텍스트가 있습니다: { $text }
evidence-earlier-session-ended = 이전 세션에서 로그아웃했습니다: { $control }
evidence-earlier-session-may-remain =
    이전 세션이 아직 유효할 수 있습니다. 사용한 수단({ $control })으로 세션이 끝났는지 확인되지 않았습니다

control-nothing = 없음
control-form = { $path } 경로로 보내는 폼
control-link = { $path } 경로의 링크
control-well-known = { $method } { $path }(흔히 쓰이는 로그아웃 경로)

difference-status = 로그인하면 상태 { $with }, 로그아웃하면 상태 { $without }
difference-url = 로그아웃하면 { $path } 로 리다이렉트
difference-login-form = 로그아웃하면 로그인 폼 표시
difference-logout-control = 로그인하면 로그아웃 버튼이나 링크 표시
difference-members = 로그인하면 { $names } 값이 있음
difference-name = 로그인하면 { $name } 표시
difference-login-link = 로그아웃하면 로그인 링크 표시

blocker-Captcha = 페이지에 사람만 풀 수 있는 캡차가 있습니다
blocker-Passkey = 페이지가 기기만 제공할 수 있는 패스키(WebAuthn)를 요구합니다
blocker-Script = 브라우저만 실행할 수 있는 JavaScript로 그려지는 페이지입니다
blocker-LooseFields =
    필드가 action이 있는 폼에 들어 있지 않습니다. 브라우저만 실행할 수 있는 JavaScript가 값을 보냅니다
blocker-ForeignFrame =
    프레임에 다른 사이트의 페이지가 있습니다. 로그인 폼이 그곳에 있으면 그 페이지의 URL을 지정하세요
blocker-UnsupportedAuthentication =
    페이지가 Basic이 아닌 HTTP 인증을 사용합니다. sessctl은 Digest, NTLM 등의 인증에 응답할 수 없습니다
blocker-HttpAuthentication =
    페이지가 HTTP 인증(Basic)을 사용합니다. --basic-user NAME으로 응답할 수 있습니다
blocker-BasicRefused =
    HTTP 인증(Basic)의 사용자 이름이나 비밀번호를 거부했습니다

trace-start = 시작 페이지: { $page }
trace-refresh = 새로 고침으로 이동: { $page }
trace-frame = 프레임: { $page }
trace-link = 링크 { $text } 따라감: { $page }
trace-well-known = 흔히 쓰이는 로그인 경로: { $page }
trace-next-step = 사용자 이름을 보낸 뒤의 페이지: { $page }
trace-further-step = 추가 단계를 요구하는 페이지: { $page }
trace-no-form = 폼 없음
trace-form = 폼 { $number }, { $method } { $path }: { $verdict }
trace-rejected = 로그인 폼이 아닙니다. { $reason }
trace-other = 로그인 폼일 수 있지만({ $score }점) 점수가 더 높은 폼이 있습니다
trace-chosen = 로그인 폼({ $score }점)
trace-user = 사용자 이름({ $reason })
trace-password = 비밀번호
trace-kept = 그대로 전송
trace-button = 누르는 버튼
rejected-Dialog = 대화 상자를 닫는 폼입니다
rejected-Registers = 계정을 만드는 폼입니다
rejected-NewPassword = 새 비밀번호를 설정하는 폼입니다
rejected-SeveralPasswords = 새 비밀번호를 설정할 때처럼 비밀번호 필드가 여러 개입니다
rejected-OtherUse = 검색이나 뉴스레터 구독 등 다른 용도의 폼입니다
rejected-NoField = 텍스트 필드가 없습니다
rejected-TooManyControls = 로그인 폼이라기에는 컨트롤이 너무 많습니다
rejected-SeveralFields = 텍스트 필드는 여러 개지만 비밀번호 필드가 없습니다
rejected-NoLoginWords = 비밀번호 필드가 없고 로그인과 관련된 말도 없습니다
rejected-NotNamed = 지정한 폼이 아니거나 지정한 필드가 없습니다
rejected-AsksForCode = 일회용 코드를 요구하는 폼입니다
rejected-Scripted = 스크립트만 보낼 수 있습니다. action과 method가 없거나 필드에 이름이 없습니다
user-field-Named = 직접 지정함
user-field-Autocomplete = autocomplete 속성으로 판단
user-field-Name = 이름으로 판단
user-field-Type = 유형으로 판단
user-field-Label = 레이블로 판단
user-field-BeforePassword = 비밀번호 앞의 마지막 텍스트 필드
user-field-FirstText = 첫 번째 텍스트 필드

## 요청과 응답(-v)

exchange-fresh = * 빈 쿠키 저장소로 보낸 요청:
exchange-probe = * 쿠키 저장소를 바꾸지 않는 확인 요청:
exchange-body = (본문 { $size }바이트)
exchange-no-response = < 응답 없음
exchange-cookie = 쿠키

## 오류

warning-label = 경고:
warning-netrc-open = { $path } 파일은 다른 사용자가 읽을 수 있어 사용하지 않습니다. chmod 600을 실행하세요
error-refused = { $host } 연결이 거부되었습니다
error-refused-hint = 서버가 실행 중인지 확인하세요. --wait 10s를 지정하면 서버가 시작될 때까지 재시도합니다
error-connect = { $host } 에 연결할 수 없습니다: { $why }
error-certificate = { $host } 에 연결할 수 없습니다. 인증서를 신뢰할 수 없습니다: { $why }
error-certificate-hint =
    --cacert FILE은 인증 기관을 추가로 신뢰하고, --insecure는 모든 인증서를 허용합니다
error-timed-out =
    { $host } 에 보낸 요청이 { $limit }초 안에 끝나지 않았습니다. --timeout으로 제한 시간을 늘릴 수 있습니다
error-protocol = { $host } 서버가 올바른 HTTP 응답을 보내지 않았습니다: { $why }
error-body-too-large =
    { $url } 의 본문이 { $limit }바이트보다 큽니다. --max-body로 제한을 늘릴 수 있습니다
error-page-too-large =
    { $url } 페이지를 읽을 수 없습니다. 요소와 텍스트가 { $limit }개보다 많습니다. 더 작은 페이지를 지정하세요
error-unsafe-password = { $target } 에 비밀번호를 보내지 않았습니다: { $risk }
error-password-clear-text = https 페이지에서 이어진 주소인데 비밀번호가 암호화되지 않은 채 전송됩니다
error-password-challenge = 암호화되지 않은 HTTP Basic 인증으로 비밀번호를 요구합니다
error-password-other-site =
    { $named } 이 아닌 다른 사이트이며, https가 아닌 페이지에서 이어진 주소입니다
error-unsafe-password-hint =
    신뢰하는 주소라면 그 주소를 직접 지정하세요. --allow-insecure-password를 쓰면 그래도 비밀번호를 보냅니다
password-to-other-site = 지정한 사이트가 아닌 다른 사이트에 비밀번호를 보냈습니다: { $target }
error-too-many-redirects =
    리다이렉트를 { $limit }번 따라간 뒤 멈추었습니다. 다음 대상은 { $target } 입니다. --max-redirects로 제한을 늘릴 수 있습니다
error-no-form = { $url } 에 로그인 폼이 없습니다
error-status = 응답 상태는 { $status } 입니다
error-no-form-hint =
    로그인 폼이 있는 페이지를 지정하세요. --explain은 살펴본 페이지를 모두 보여 줍니다
error-no-form-script-hint =
    --browser는 설치된 브라우저로 스크립트를 실행합니다. --as-json은 페이지의 스크립트가 사용하는 URL로 이름과 비밀번호를 JSON으로 보냅니다
error-no-drawn-form = { $url } 에 로그인 폼이 나타나지 않았습니다
error-no-drawn-form-shows = 페이지의 내용: { $words }
error-browser-not-found = 브라우저를 찾을 수 없습니다. 찾아본 곳: { $tried }
error-browser-not-found-hint =
    Chromium이나 Firefox를 설치하세요. 다른 곳에 있으면 SESSCTL_BROWSER로 지정하세요
error-browser-option = { $browser }에서는 { $option } 옵션을 사용할 수 없습니다: { $why }
error-browser-no-display = 창을 열 수 없습니다. DISPLAY와 WAYLAND_DISPLAY가 모두 설정되지 않았습니다
error-browser-no-display-hint =
    화면이 있는 컴퓨터에서 로그인하고 쿠키를 가져오세요. 그 컴퓨터에서 sessctl show-cookies --storage-state, 여기서
    sessctl import-cookies FILE을 실행합니다
error-browser-crashed = 브라우저 { $path } 이(가) 갑자기 종료되었습니다: { $said }
error-browser-no-answer = 브라우저가 { $limit }초 동안 { $command } 에 응답하지 않았습니다
error-browser-window-closed = 세션이 시작되기 전에 창이 닫혔습니다
error-browser-window-timed-out =
    { $limit }초 안에 창에서 세션이 시작되지 않았습니다. --window-timeout으로 늘릴 수 있습니다
error-not-there = { $url } 과 그 페이지의 링크에 { $named } 폼이나 필드가 없습니다
error-not-there-hint = --explain은 각 페이지의 폼과 필드를 보여 줍니다
error-incomplete = { $url } 의 로그인 폼에 필수 필드가 더 있습니다: { $missing }
error-missing-field = 필드 { $label } (--field { $name }=VALUE)
error-missing-checkbox = 체크박스 { $label } (--field { $name }=on)
error-user-needed =
    { $url } 의 로그인 폼에 사용자 이름({ $field })이 필요합니다. --user NAME을 지정하세요
error-password-needed = { $url } 의 로그인 폼에 비밀번호가 필요합니다: { $why }
error-no-password-source =
    --password-stdin, --password-file FILE 또는 SESSCTL_PASSWORD로 지정하세요
error-basic-password =
    --basic-user { $user } 의 비밀번호가 없습니다. --basic-password-file FILE 또는 SESSCTL_BASIC_PASSWORD로 지정하세요
error-code-needed = { $url } 에서 일회용 코드를 요구합니다: { $why }
error-no-code-source = --code CODE, --code-stdin 또는 --totp-secret-file FILE로 지정하세요
error-invalid-step = { $url } 의 폼을 채울 수 없습니다: { $reasons }
error-no-logout-control =
    { $url } 에 로그아웃 폼이나 링크가 없습니다. 있는 페이지를 지정하세요
error-scripted-logout-control =
    { $url } 의 로그아웃 수단({ $control })을 사용할 수 없습니다. 브라우저만 실행할 수 있는 스크립트로 동작합니다
error-scripted-logout-control-hint =
    logout PATH로 스크립트가 요청하는 주소를 지정하세요. 브라우저의 개발자 도구에서 확인할 수 있습니다
error-not-logged-in =
    { $url } 에 로그아웃 폼이나 링크가 없습니다. 로그인 폼이 표시되므로 로그인되어 있지 않습니다
error-submit-hint = submit --list는 페이지의 폼과 필드를 보여 줍니다
error-no-such-form = 페이지에 { $wanted } 폼이 없습니다. 있는 폼: { $available }
error-no-form-on-page = { $page } 에 폼이 없습니다({ $status })
error-several-forms = 해당하는 폼이 여러 개입니다. --form으로 하나를 지정하세요: { $available }
error-no-such-button = 폼에 { $wanted } 버튼이 없습니다. 있는 버튼: { $available }
error-not-a-jar = 쿠키 저장소를 읽을 수 없습니다: { $path }. sessctl의 쿠키 저장소가 아닙니다: { $why }
error-not-a-jar-hint = 파일을 고치거나 --jar로 다른 파일을 지정하세요. 파일은 변경되지 않았습니다
error-newer-jar = 쿠키 저장소를 읽을 수 없습니다: { $path }. 이 sessctl보다 새로운 버전({ $version })의 파일입니다
error-newer-jar-hint = 파일을 쓴 새 버전의 sessctl을 사용하세요. 파일은 변경되지 않았습니다
error-jar-locked = 쿠키 저장소를 잠글 수 없습니다: { $path }. 다른 프로세스가 사용하고 있습니다
error-jar-locked-hint = --timeout TIME으로 더 오래 기다릴 수 있습니다
error-jar = 쿠키 저장소를 { $action } 수 없습니다: { $path } ({ $why })
file-action-read = 읽을
file-action-write = 쓸
file-action-lock = 잠글
file-action-create = 만들
file-action-remove = 삭제할
file-action-use = 사용할
file-action-copy-to = 복사할
error-io-not-found = 파일이나 폴더가 없습니다
error-io-permission-denied = 권한이 없습니다
error-io-is-a-folder = 폴더입니다
error-io-storage-full = 저장 공간이 부족합니다
error-file = 파일을 { $action } 수 없습니다: { $path } ({ $why })
error-file-locked = 파일을 잠글 수 없습니다: { $path }. 다른 프로세스가 사용하고 있습니다
error-history = 기록을 { $action } 수 없습니다: { $path } ({ $why })
error-not-a-history = 이 sessctl의 기록 파일이 아닙니다: { $path } ({ $why })
error-history-of-jar =
    --jar로 지정한 쿠키 저장소에는 기록이 없습니다. 기록은 프로필에만 있으므로 --profile NAME을 사용하세요
error-no-such-entry = 기록에 { $number }번이 없습니다. { $range }
error-entry-range = { $first }번부터 { $last }번까지 있습니다
error-history-empty = 기록이 비어 있습니다
error-tokens = 토큰 파일을 { $action } 수 없습니다: { $path } ({ $why })
error-not-tokens =
    토큰 파일을 읽을 수 없습니다: { $path } 는 이 sessctl의 파일이 아닙니다. 파일을 삭제하고 다시 로그인하세요
error-token-not-renewed =
    { $origin } 의 토큰을 갱신할 수 없습니다: { $why }. 다시 로그인하세요
error-pending-login = 진행 중인 로그인을 { $action } 수 없습니다: { $path } ({ $why })
error-not-a-pending-login =
    진행 중인 로그인을 읽을 수 없습니다: { $path }. 이 sessctl의 파일이 아닙니다. 다시 로그인하세요
error-no-profiles = 프로필이 없습니다: { $name }
error-no-such-profile = 프로필이 없습니다: { $name }. 있는 프로필: { $there }
error-profile-exists = 프로필이 이미 있습니다: { $name }. 변경하지 않았습니다
error-invalid-accounts =
    올바른 계정 파일이 아닙니다: { $path } ({ $why }). 파일을 고치거나 `sessctl users add`로 새로 만드세요
error-no-accounts = 계정 파일이 없습니다: { $path }. `sessctl users add`로 만드세요
error-user-exists =
    사용자가 이미 있습니다: { $name }. `sessctl users passwd`로 비밀번호를 변경할 수 있습니다
error-no-such-user = 사용자가 없습니다: { $name }. `sessctl users list`는 모든 사용자를 보여 줍니다
error-invalid-user-name =
    사용할 수 없는 이름입니다: { $name }. 1~100자로 쓰세요. 제어 문자나 보이지 않는 문자, 양 끝의 공백은 쓸 수 없습니다
error-password-length = 비밀번호는 8~1024자이어야 합니다
error-password-hash = 비밀번호를 해시할 수 없습니다: { $why }
error-no-terminal =
    터미널이 없어 비밀번호를 입력받을 수 없습니다. --password-stdin으로 지정하세요
error-passwords-differ = 입력한 두 비밀번호가 다릅니다. 변경하지 않았습니다
error-no-store =
    세션 저장소를 지정하지 않았습니다. --store나 SESSCTL_STORE로 서버의 저장소를 지정하세요. 메모리 저장소는 그 서버만 볼 수 있습니다
error-unknown-store =
    --store 값이 올바르지 않습니다. memory, sqlite:FILE 또는 redis://, rediss://, postgres://로 시작하는 URL을 지정하세요
error-no-store-file = 세션 저장소를 열 수 없습니다: { $path }. 파일이 없습니다
error-option-of-client =
    { $option } 옵션은 세션 저장소에 적용되지 않습니다. --store의 URL에 ?sslrootcert=FILE처럼 인증서를 지정하세요
error-no-such-session =
    저장소에 { $handle } 세션이 없습니다. `sessctl sessions list`는 저장소의 세션을 보여 줍니다
error-store = 세션 저장소를 사용할 수 없습니다: { $why }
error-store-timed-out = 세션 저장소가 { $limit }초 안에 응답하지 않았습니다
error-sqlite-file =
    세션 저장소를 열 수 없습니다: { $path } ({ $why }). 폴더가 있고 쓰기 권한이 있는지 확인하세요
error-sqlite-foreign =
    세션 저장소로 사용할 수 없습니다: { $path }. 다른 애플리케이션의 데이터베이스입니다. 다른 파일을 지정하세요
error-sqlite-newer =
    세션 저장소로 사용할 수 없습니다: { $path }. 이 sessctl보다 새로운 버전({ $version })의 파일입니다. sessctl을 업데이트하거나 다른 파일을 지정하세요
error-sqlite =
    세션 저장소로 사용할 수 없습니다: { $path } ({ $why }). 파일과 폴더의 권한을 확인하거나 다른 파일을 지정하세요
error-invalid-redis-url =
    Redis URL을 읽을 수 없습니다: { $why }. redis://HOST:PORT, rediss://HOST:PORT, redis+sentinel://HOST:PORT/SERVICE 또는 unix:///PATH 형식으로 쓰세요
error-redis-unreachable =
    Redis 서버 { $server } 에 연결할 수 없습니다: { $why }. 주소가 맞는지, 서버가 실행 중인지 확인하세요
error-redis-denied =
    Redis 서버 { $server } 에 로그인할 수 없습니다: { $why }. URL의 사용자와 비밀번호를 확인하세요
error-invalid-postgres-url =
    PostgreSQL URL을 읽을 수 없습니다: { $why }. postgres://USER:PASSWORD@HOST:PORT/DATABASE 형식으로 쓰세요
error-postgres-unreachable =
    PostgreSQL 서버 { $server } 에 연결할 수 없습니다: { $why }. 주소가 맞는지, 서버가 실행 중인지 확인하세요
error-postgres-denied =
    PostgreSQL 서버 { $server } 에 { $user } 사용자로 로그인할 수 없습니다: { $why }. 비밀번호와 pg_hba.conf를 확인하세요
error-no-database =
    PostgreSQL 서버 { $server } 에 { $database } 데이터베이스가 없습니다. createdb로 만드세요
error-unknown-scheme = { $text } 에 요청할 수 없습니다. { $scheme } 스킴은 http도 https도 아닙니다
error-invalid-target = URL이나 경로가 아닙니다: { $text } ({ $why }). https://HOST/PATH나 /PATH 형식으로 쓰세요

error-config = { $place }: { $what }
error-config-toml = 올바른 TOML이 아닙니다: { $why }
error-config-unknown-key = 알 수 없는 키입니다: { $key }{ $nearest }
error-config-type = { $key } 의 형식이 올바르지 않습니다. 필요한 형식: { $expected }, 실제: { $got }
error-config-value = { $key }({ $option })의 값이 올바르지 않습니다: { $why }
error-config-several = { $one } 과 { $other } 는 함께 쓸 수 없습니다. 하나만 남기세요
error-config-password =
    설정 파일에 비밀번호를 쓸 수 없습니다. password_env, password_file 또는 password_command를 사용하세요
error-config-untrusted =
    신뢰하지 않은 파일입니다: { $path }. { $profile } 프로필의 { $keys } 값이 비밀번호를 다른 곳에 보내거나 명령을 실행할 수
    있습니다
error-config-untrusted-hint = 파일을 읽어 본 뒤 실행하세요: sessctl config trust
error-config-exists = 파일이 이미 있으며 바꾸지 않았습니다: { $path }
error-config-none = 이 폴더와 상위 폴더에 { $name } 파일이 없습니다. sessctl profiles init으로 만드세요

error-not-followed = { $url } 의 리다이렉트({ $status })를 따라가지 않았습니다
error-answered = { $url } 의 응답: { $status }
error-retry-after = { $answered }. Retry-After에 따르면 { $after } 뒤에 다시 요청할 수 있습니다
error-no-element = { $url } 에 { $wanted } 와(과) 일치하는 요소가 없습니다
error-page-not-searched = { $url } 에서 찾을 수 없습니다: 페이지가 너무 큽니다
error-no-member = { $url } 에 { $pointer } 값이 없습니다: { $why }
error-no-such-member = JSON에 해당 값이 없습니다
error-body-not-json = 본문이 JSON이 아닙니다
expected-status = 기대한 상태는 { $wanted } 이지만 응답은 { $status } 입니다
expected-text = 본문에 기대한 텍스트가 없습니다: { $text }. { $body }
expected-body-empty = 본문이 비어 있습니다
expected-body-begins = 본문의 시작: { $start }
expected-body-is = 본문: { $start }
rejected-text = 본문에 없어야 할 텍스트가 있습니다: { $text }. 찾은 부분: { $found }
expected-cookie = { $url } 에 전송될 쿠키가 없습니다: { $name }. { $found }
expected-cookie-none = 이 URL의 쿠키가 저장소에 없습니다. 먼저 `sessctl login`을 실행하세요
expected-cookie-only = 저장소에 있는 쿠키: { $names }
expected-cookie-value = 쿠키 { $name } 의 값은 { $wanted } 이어야 하지만 { $found } 입니다
expected-url = { $wanted } 에서 끝나야 하지만 { $got } 에서 끝났습니다
expected-no-login-form = 로그인이 필요하지 않아야 하지만 로그인 폼이 있습니다: { $url }
expected-no-login-address = 로그인이 필요하지 않아야 하지만 로그인 주소에서 끝났습니다: { $url }
expected-no-login-redirect = 로그인이 필요하지 않아야 하지만 로그인으로 리다이렉트됩니다: { $url }
expected-no-login-401 = 로그인이 필요하지 않아야 하지만 응답이 401입니다: { $url }
expected-header = 기대한 헤더는 { $wanted } 이지만 값은 { $got } 입니다
expected-header-none = 기대한 헤더가 응답에 없습니다: { $wanted }
expected-json = 본문의 { $pointer } 값은 { $wanted } 이어야 하지만 { $got } 입니다
expected-json-none = 본문에 { $pointer } 값이 없습니다. 기대한 값: { $wanted }
expected-json-body = 본문이 JSON이 아닙니다: { $body } ({ $why })

warning-login = { $path } 에서 끝났습니다({ $what }). { $why }
warning-login-form = 로그인 폼
warning-login-address = 로그인 주소
warning-session-ended = 세션이 끝났습니다
warning-not-logged-in = 이 클라이언트는 로그인하지 않았습니다

## serve --weaken list

weakness-heading = 취약점
weakness-heading-fault = 결함
weakness-heading-checks = 찾아내는 검사
weakness-over-tls = (TLS에서)
weakness-no-secure = 세션 쿠키에 Secure와 접두사가 없습니다
weakness-no-httponly = 세션 쿠키에 HttpOnly가 없습니다
weakness-no-samesite = 세션 쿠키에 SameSite가 없습니다
weakness-no-prefix = 세션 쿠키 이름에 접두사가 없습니다
weakness-wide-domain = 모든 하위 도메인이 세션 쿠키를 공유합니다
weakness-ten-year-cookie = 브라우저가 세션 쿠키를 10년 동안 보관합니다
weakness-oversized-cookie = 두 번째 쿠키가 4,200바이트입니다
weakness-refused-cookie = 두 번째 쿠키가 Secure 없이 SameSite=None입니다
weakness-cacheable-pages = 모든 캐시가 사용자 데이터가 있는 페이지를 저장할 수 있습니다
weakness-no-hsts = 브라우저에 HTTPS만 쓰라고 알리지 않습니다
weakness-token-in-url = 로그인하면 토큰이 들어 있는 URL로 리다이렉트합니다
weakness-token-in-body = 페이지에 토큰이 들어 있습니다
weakness-login-by-get = 로그인 폼이 비밀번호를 URL에 넣어 보냅니다
weakness-clear-text-login = 로그인 폼이 비밀번호를 암호화되지 않은 HTTP로 보냅니다
weakness-predictable-token = 토큰이 나노초 단위의 로그인 시각입니다
weakness-readable-token = 토큰이 사용자 이름이 들어 있는 base64 JSON입니다
weakness-unsigned-token = 토큰이 JWT이지만 서명, alg, exp를 검사하지 않습니다
weakness-token-error = 길이가 다른 토큰을 보내면 상태 코드 500이 됩니다
weakness-any-password = 어떤 비밀번호로도 로그인됩니다
weakness-user-enumeration = 로그인 실패 응답으로 사용자의 존재 여부를 알 수 있습니다
weakness-fixation = 브라우저가 보낸 토큰을 로그인할 때 그대로 받아들여 계속 씁니다
weakness-no-rotation = 익명 방문자에게 토큰을 주고, 로그인해도 바꾸지 않습니다
weakness-relogin-keeps-first = 다시 로그인해도 첫 번째 세션이 남습니다
weakness-logout-keeps-session = 로그아웃하면 쿠키만 삭제합니다
weakness-logout-keeps-cookie = 로그아웃하면 세션만 종료합니다
weakness-logout-by-get = GET 요청으로 로그아웃됩니다
weakness-no-logout = 로그아웃 기능이 없습니다
weakness-revival = 세션을 읽은 요청이 로그아웃 뒤에 세션을 다시 저장합니다
weakness-no-idle-timeout = 사용하지 않는 세션이 만료되지 않습니다
weakness-no-absolute-timeout = 사용 중인 세션이 만료되지 않습니다
weakness-endless-session = 세션이 만료되지 않습니다
weakness-first-cookie-wins = 토큰이 두 개이면 첫 번째를 사용합니다
weakness-token-in-query = 쿼리에 있는 토큰을 받아들입니다
weakness-substring-cookie = 이름에 올바른 쿠키 이름이 들어 있는 쿠키를 모두 받아들입니다
weakness-shared-token = 한 사용자의 모든 로그인이 같은 토큰을 받습니다
weakness-broken-revoke = "다른 세션 모두 종료"가 아무 세션도 종료하지 않습니다
weakness-bleed = 동시에 온 같은 GET 요청이 응답 하나를 공유합니다
weakness-lost-updates = 세션을 읽고, 바꾸고, 다시 저장하는 방식으로 변경합니다
weakness-no-csrf-check = 요청의 출처를 검사하지 않습니다
weakness-open-redirect = 로그인하면 어떤 URL로든 리다이렉트합니다
weakness-no-throttling = 로그인 실패 횟수를 제한하지 않습니다
weakness-unescaped-name = 페이지에 사용자 이름을 이스케이프하지 않고 넣습니다
weakness-textbook = 이런 결함을 여럿 가진, 잘 알려진 40줄짜리 교육용 서버입니다

## 점검(audit)

audit-heading = { $user } 사용자로 { $target } 점검
audit-heading-without-user = { $target } 점검
audit-column-severity = 심각도
audit-column-check = 점검
audit-column-place = 위치
audit-column-seen = 관찰한 내용
audit-column-title = 지켜야 할 조건
audit-known = 기준 파일에 있는 문제:
audit-how-to-fix = 해결 방법과, 이 점검만 실행하는 명령:
audit-not-tested = 점검하지 못함:
audit-all-checks = 모든 점검
audit-passed = 통과:
audit-fixed = 기준 파일을 만든 뒤 해결됨:
audit-sent = 로그인 { $logins }번, 요청 { $requests }개를 보냈습니다.
audit-left =
    세션 { $count }개를 끝내지 못했습니다. 서버에서 끝내세요.
audit-unseen = ASVS { $numbers } 항목은 외부에서 점검할 수 없습니다.
audit-findings = 문제 { $count }건
audit-new-findings = 새로운 문제 { $count }건
audit-no-finding = 심각도 { $severity } 이상의 문제가 없습니다
audit-no-new-finding = 심각도 { $severity } 이상의 새로운 문제가 없습니다
audit-no-login = { $target } 점검 실패: { $why }
audit-incomplete = 점검하지 못한 항목 { $count }개: { $why }
audit-sends = 보내는 요청
audit-control = 반대 결과가 나와야 하는 대조
audit-fix = 문제를 해결하는 방법
audit-repeat = audit 없이 문제를 확인하는 방법
audit-facts = 분류
audit-severity = 심각도
audit-group = 영역
audit-group-Responses = 쿠키와 응답
audit-group-Token = 토큰
audit-group-LifeCycle = 수명 주기
audit-group-SessionsAndUsers = 여러 세션과 사용자
audit-passive = --passive에서도 실행
hint-audit-explain = sessctl audit --explain CHECK는 문제를 해결하는 방법을 설명합니다
error-audit-no-baseline =
    기준 파일 { $file }을(를) 읽을 수 없습니다: { $why }. --write-baseline FILE로 만들 수 있습니다
error-audit-baseline =
    기준 파일 { $file }을(를) 읽을 수 없습니다: { $line }번째 줄이 JSON 지문 목록의 일부가 아닙니다({ $why }).
    파일을 고치거나 --write-baseline FILE로 다시 만드세요
error-audit-no-check =
    실행할 점검이 없습니다: --only, --skip, --passive가 모두 제외했습니다. sessctl audit --list를 참고하세요
error-audit-authorized =
    { $host }은(는) 이 컴퓨터가 아닙니다. 점검은 틀린 비밀번호와 위조한 쿠키를 보냅니다. 이 호스트를 점검해도 되면
    --authorized를 추가하세요
error-audit-format = --json은 --format json과 같습니다. 하나만 지정하세요

check-cookie-secure-title = 세션 쿠키는 https로만 전송됩니다
check-cookie-secure-sends = 로그인 외에는 없습니다
check-cookie-secure-control = 세션을 보여 주는 페이지는 쿠키가 없으면 익명 페이지입니다
check-cookie-secure-fix = 세션 쿠키에 Secure를 추가하고 애플리케이션을 https로만 제공하세요
check-cookie-httponly-title = 스크립트가 세션 쿠키를 읽을 수 없습니다
check-cookie-httponly-sends = 로그인 외에는 없습니다
check-cookie-httponly-control = 세션을 보여 주는 페이지는 쿠키가 없으면 익명 페이지입니다
check-cookie-httponly-fix = 세션 쿠키에 HttpOnly를 추가하세요
check-cookie-samesite-title = 다른 사이트는 세션 쿠키가 붙은 요청을 보낼 수 없습니다
check-cookie-samesite-sends = 로그인 외에는 없습니다
check-cookie-samesite-control = 세션을 보여 주는 페이지는 쿠키가 없으면 익명 페이지입니다
check-cookie-samesite-fix = 세션 쿠키에 SameSite=Lax 또는 SameSite=Strict를 추가하세요
check-cookie-prefix-title = 다른 호스트나 암호화되지 않은 http가 세션 쿠키를 설정할 수 없습니다
check-cookie-prefix-sends = 로그인 외에는 없습니다
check-cookie-prefix-control = 세션을 보여 주는 페이지는 쿠키가 없으면 익명 페이지입니다
check-cookie-prefix-fix = 세션 쿠키의 이름을 __Host-NAME으로, Domain이 꼭 필요하면 __Secure-NAME으로 지으세요
check-cookie-domain-title = 세션 쿠키는 한 호스트에만 전송됩니다
check-cookie-domain-sends = 로그인 외에는 없습니다
check-cookie-domain-control = 세션을 보여 주는 페이지는 쿠키가 없으면 익명 페이지입니다
check-cookie-domain-fix = 쿠키가 그 호스트에만 전송되도록 Domain을 빼세요
check-cookie-lifetime-title = 세션 쿠키는 세션보다 오래 남지 않습니다
check-cookie-lifetime-sends = 로그인 외에는 없습니다
check-cookie-lifetime-control = 세션을 보여 주는 페이지는 쿠키가 없으면 익명 페이지입니다
check-cookie-lifetime-fix = Max-Age와 Expires를 빼거나 세션의 수명과 같게 설정하세요
check-cookie-size-title = 모든 쿠키는 저장할 수 있을 만큼 작습니다
check-cookie-size-sends = 로그인 외에는 없습니다
check-cookie-size-control = 더 작은 쿠키는 저장됩니다
check-cookie-size-fix = 데이터는 서버에 저장하고 쿠키에는 그 키만 넣으세요
check-cookie-refused-by-browsers-title = 브라우저는 애플리케이션이 설정하는 모든 쿠키를 저장합니다
check-cookie-refused-by-browsers-sends = 로그인 외에는 없습니다
check-cookie-refused-by-browsers-control = 다른 Set-Cookie 줄은 저장됩니다
check-cookie-refused-by-browsers-fix = 쿠키의 속성을 고치세요. sessctl why URL --set-cookie LINE이 규칙을 설명합니다
check-cache-control-title = 사용자만 볼 수 있는 내용은 캐시에 남지 않습니다
check-cache-control-sends = 세션을 보여 주는 페이지를 쿠키와 함께, 그리고 쿠키 없이 요청합니다
check-cache-control-control = 쿠키가 없으면 페이지가 달라집니다
check-cache-control-fix = 사용자의 페이지와 세션 쿠키를 설정하는 응답에 Cache-Control: no-store를 보내세요
check-hsts-title = 브라우저는 방문 후 1년 동안 https를 사용합니다
check-hsts-sends = 로그인 외에는 없습니다
check-hsts-control = 응답이 https로 도착했습니다
check-hsts-fix = https로 보내는 모든 응답에 Strict-Transport-Security: max-age=31536000을 보내세요
check-token-in-url-title = 토큰이 어떤 주소에도 없습니다
check-token-in-url-sends = 로그인 외에는 없습니다
check-token-in-url-control = 토큰은 Cookie 헤더에 있습니다
check-token-in-url-fix = 토큰은 쿠키로만 보내세요. 주소는 로그, 방문 기록, Referer에 남습니다
check-token-in-body-title = 토큰이 페이지나 다른 헤더에 없습니다
check-token-in-body-sends = 로그인 외에는 없습니다
check-token-in-body-control = 길이가 같은 임의의 값도 발견되지 않습니다
check-token-in-body-fix = 토큰은 Set-Cookie로만 보내세요. HttpOnly는 페이지에 있는 사본을 보호하지 못합니다
check-login-by-get-title = 로그인 정보가 어떤 주소에도 없습니다
check-login-by-get-sends = 로그인 외에는 없습니다
check-login-by-get-control = 이 폼으로 로그인됩니다
check-login-by-get-fix = 로그인 폼을 method=post로 보내세요
check-clear-text-login-title = 로그인 정보는 https 페이지에서 https로 전송됩니다
check-clear-text-login-sends = 로그인 외에는 없습니다
check-clear-text-login-control = 폼의 주소를 브라우저처럼 해석합니다
check-clear-text-login-fix = 로그인 페이지를 https로 제공하고 폼도 https로 보내세요
check-token-content-title = 토큰은 사용자 데이터를 드러내지 않고 위조할 수 없습니다
check-token-content-sends = 토큰이 JWT이면 위조한 토큰으로 세션을 보여 주는 페이지를 요청합니다
check-token-content-control = 바꾸지 않은 토큰은 받아들여집니다
check-token-content-fix = 임의의 토큰을 쓰고 데이터는 서버에 저장하세요. JWT라면 서명, 알고리즘, exp를 확인하세요
check-token-tampering-title = 바뀐 토큰은 거부되고 오류를 일으키지 않습니다
check-token-tampering-sends = 토큰을 세 위치에서 바꾸고, 자르고, 늘리고, 비운 값으로 세션을 보여 주는 페이지를 요청합니다
check-token-tampering-control = 바꾸지 않은 토큰은 앞뒤로 받아들여집니다
check-token-tampering-fix = 토큰 전체를 조회하거나 서명을 확인하고, 그 밖의 값은 모두 세션이 없는 것으로 처리하세요
check-wrong-password-title = 틀린 비밀번호는 거부되고 세션을 바꾸지 않습니다
check-wrong-password-sends = 세션이 없을 때와 있을 때 틀린 비밀번호로 로그인합니다
check-wrong-password-control = 올바른 비밀번호는 받아들여집니다
check-wrong-password-fix = 다른 일을 하기 전에 비밀번호부터 비교하세요
check-user-enumeration-title = 로그인으로 어떤 사용자가 있는지 알 수 없습니다
check-user-enumeration-sends = 틀린 비밀번호로 한 번, 존재하지 않는 이름으로 두 번 로그인합니다
check-user-enumeration-control = 존재하지 않는 이름에 대한 두 응답에서 서로 다른 부분은 무시합니다
check-user-enumeration-fix = 이름이 있든 없든 상태 코드, 이동할 주소, 문구, 걸리는 시간이 같게 응답하세요
check-fixation-title = 로그인 전의 토큰으로 로그인 후의 세션을 열 수 없습니다
check-fixation-sends = 지어낸 세션 쿠키로 한 번, 로그인 전에 애플리케이션이 준 쿠키로 한 번 로그인합니다
check-fixation-control = 둘 다 로그인 전에는 익명입니다
check-fixation-fix = 로그인할 때 새 토큰을 발급하고, 서버가 발급하지 않은 토큰은 받아들이지 마세요
check-rotation-title = 로그인하면 새 토큰이 발급됩니다
check-rotation-sends = 지어낸 세션 쿠키로 한 번, 로그인 전에 애플리케이션이 준 쿠키로 한 번 로그인합니다
check-rotation-control = 로그인 전의 값을 알고 있습니다
check-rotation-fix = 로그인할 때마다 새 토큰을 발급하고 이전 세션을 삭제하세요
check-relogin-title = 두 번째 로그인은 새 토큰을 받고 첫 세션을 끝냅니다
check-relogin-sends = 한 브라우저에서 두 번 로그인합니다
check-relogin-control = 첫 세션이 살아 있었습니다
check-relogin-fix = 로그인할 때마다 새 토큰을 발급하고 그 브라우저의 이전 세션을 삭제하세요
check-logout-ends-session-title = 로그아웃하면 서버에서 세션이 끝납니다
check-logout-ends-session-sends = 로그아웃한 다음, 그 전에 복사한 쿠키로 세션을 보여 주는 페이지를 요청합니다
check-logout-ends-session-control = 복사한 쿠키는 로그아웃 전에 로그인 상태였습니다
check-logout-ends-session-fix = 로그아웃할 때 저장소의 세션을 삭제하세요. 서버가 저장하지 않는 토큰은 끝낼 수 없습니다
check-logout-clears-cookie-title = 로그아웃하면 세션 쿠키가 삭제됩니다
check-logout-clears-cookie-sends = 로그아웃합니다
check-logout-clears-cookie-control = 쿠키는 그 전에 저장되어 있었습니다
check-logout-clears-cookie-fix = Max-Age=0과 같은 이름, Path, Domain으로 쿠키를 다시 보내고 Clear-Site-Data: "cache", "cookies", "storage"도 보내세요
check-logout-by-get-title = 다른 사이트의 링크나 이미지로 로그아웃되지 않습니다
check-logout-by-get-sends = 토큰 없이 로그아웃 주소를 GET으로 요청합니다
check-logout-by-get-control = 다른 페이지의 GET은 세션을 유지합니다
check-logout-by-get-fix = 로그아웃은 POST로만 처리하고 Origin이나 CSRF 토큰을 확인하세요
check-logout-control-title = 로그인한 사용자의 페이지에는 로그아웃 수단이 있습니다
check-logout-control-sends = 로그인하면서 거친 페이지를 그 쿠키로 요청합니다
check-logout-control-control = 로그인한 사용자의 페이지입니다
check-logout-control-fix = 로그인한 사용자의 모든 페이지에 로그아웃 버튼을 보여 주세요
check-revival-title = 로그아웃하는 동안 처리 중이던 요청이 세션을 되살리지 않습니다
check-revival-sends = 로그인한 뒤 요청 세 개가 처리되는 동안 로그아웃하기를 다섯 번 반복합니다
check-revival-control = 다른 요청이 없는 로그아웃은 세션을 끝냅니다
check-revival-fix = 세션이 아직 있을 때만 변경하고, 요청이 처음에 읽은 내용을 그대로 다시 쓰지 마세요
check-duplicate-cookies-title = 이름이 같은 세션 쿠키 두 개로 세션을 고를 수 없습니다
check-duplicate-cookies-sends = 이름이 같은 쿠키 두 개로 세션을 보여 주는 페이지를 요청합니다. 유효한 토큰 두 개, 유효한 토큰과 임의의 토큰을 두 순서로 보냅니다
check-duplicate-cookies-control = 유효한 토큰은 각각 혼자서 자기 세션을 엽니다
check-duplicate-cookies-fix = 다른 호스트가 쿠키를 추가할 수 없도록 이름을 __Host-NAME으로 짓고, 유효한 토큰이 두 개면 익명으로 처리하세요
check-token-elsewhere-title = 토큰은 자기 쿠키에서만 받아들여집니다
check-token-elsewhere-sends = 쿼리, 경로 매개변수, 다른 헤더, 올바른 이름을 포함하는 이름의 쿠키에 토큰을 넣어 보냅니다
check-token-elsewhere-control = 올바른 쿠키는 세션을 열고, 같은 자리의 임의의 토큰은 열지 못합니다
check-token-elsewhere-fix = 토큰은 자기 쿠키에서만 읽고 이름 전체를 비교하세요
check-parallel-sessions-title = 한 사용자의 두 로그인은 서로 다른 토큰을 받습니다
check-parallel-sessions-sends = 두 브라우저에서 한 번씩 로그인합니다
check-parallel-sessions-control = 두 세션 모두 로그인 직후에 살아 있었습니다
check-parallel-sessions-fix = 로그인할 때마다 임의의 토큰을 발급하세요
check-session-list-title = 사용자는 다른 세션을 보고 끝낼 수 있습니다
check-session-list-sends = 두 번 로그인한 다음, 다른 세션을 끝내는 세션 페이지의 폼을 보냅니다
check-session-list-control = 서로 다른 토큰 두 개가 그 전에 모두 살아 있었습니다
check-session-list-fix = 사용자에게 모든 세션을 보여 주고, 고른 세션을 저장소에서 삭제하세요
check-bleed-title = 어떤 사용자도 다른 사용자의 페이지를 받지 않습니다
check-bleed-sends = 사용자 두 명과 익명 클라이언트가 세션을 보여 주는 페이지를 동시에 요청하기를 다섯 번 반복합니다
check-bleed-control = 각 사용자는 혼자 요청하면 자기 이름이 있는 페이지를 받습니다
check-bleed-fix = 모든 캐시 키에 쿠키를 포함하고, 요청의 객체를 다른 요청과 공유하지 마세요
check-lost-updates-title = 한 세션의 동시 쓰기는 모두 반영됩니다
check-lost-updates-sends = --write의 요청을 차례로 세 번, 그다음 동시에 열 번 보냅니다
check-lost-updates-control = 차례로 보낸 쓰기는 반영됩니다
check-lost-updates-fix = 저장된 값을 한 번에 변경하세요(원자적 연산, 또는 비교하는 버전)
check-csrf-title = 다른 사이트가 사용자를 로그아웃시키거나 무언가를 바꿀 수 없습니다
check-csrf-sends = 다른 사이트처럼 로그아웃과 --write의 요청을 보냅니다. 그 사이트의 Origin으로, 토큰 없이, 다른 세션의 토큰으로 보냅니다
check-csrf-control = 애플리케이션 자신의 페이지와 같은 헤더로 보낸 요청은 처리됩니다
check-csrf-fix = Origin이나 Sec-Fetch-Site가 자기 사이트가 아닌 요청을 거부하거나, 세션에 묶인 토큰을 요구하세요
check-open-redirect-title = 로그인이 다른 사이트로 리다이렉트하지 않습니다
check-open-redirect-sends = next와 비슷한 매개변수에 다른 사이트의 주소를 넣어 로그인합니다
check-open-redirect-control = 매개변수의 로컬 경로는 따라갑니다
check-open-redirect-fix = / 하나로 시작하고 자기 출처(origin)로 해석되는 경로로만 리다이렉트하세요
check-name-escaping-title = 마크업이 있는 사용자 이름은 이스케이프됩니다
check-name-escaping-sends = 이름만으로 로그인되는 곳에서, 요소가 들어 있는 이름으로 로그인합니다
check-name-escaping-control = 보통 이름은 그대로 표시됩니다
check-name-escaping-fix = 이름을 페이지에 쓰는 모든 곳에서 이스케이프하세요
check-token-entropy-title = 토큰을 추측할 수 없습니다
check-token-entropy-sends = --logins로 바꾸지 않으면 30번 로그인합니다
check-token-entropy-control = 시스템의 난수원에서 얻은 같은 수의 값은 같은 검사를 통과합니다
check-token-entropy-fix = 토큰마다 시스템의 난수원에서 얻은 128비트 이상을 사용하세요
check-idle-timeout-title = 사용하지 않는 세션은 만료됩니다
check-idle-timeout-sends = 두 번 로그인합니다. 한 세션은 제한 시간의 0.9배 뒤에, 다른 세션은 1.1배 뒤에 사용합니다
check-idle-timeout-control = 제한 시간의 0.9배 뒤에 사용한 세션은 살아 있습니다
check-idle-timeout-fix = 제한 시간 동안 사용하지 않은 세션을 서버에서 끝내세요
check-absolute-timeout-title = 계속 사용하는 세션도 만료됩니다
check-absolute-timeout-sends = 로그인한 뒤 제한 시간의 1.1배까지 세션을 보여 주는 페이지를 계속 요청합니다
check-absolute-timeout-control = 제한 시간의 0.9배까지는 세션이 살아 있습니다
check-absolute-timeout-fix = 사용 여부와 관계없이 제한 시간이 지난 세션을 서버에서 끝내세요
check-throttling-title = 실패한 로그인은 느려집니다
check-throttling-sends = --max-wrong-passwords 12가 허용하면 틀린 비밀번호를 보내고 마지막에 올바른 비밀번호를 보냅니다. 가장 나중에 실행합니다
check-throttling-control = 첫 시도에는 정상적으로 응답합니다
check-throttling-fix = 한 계정이나 한 네트워크에서 로그인이 몇 번 실패하면 429로 응답하되, 계정의 주인은 로그인할 수 있게 하세요
