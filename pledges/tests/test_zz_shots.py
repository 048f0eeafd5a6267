import os
from datetime import timedelta
from decimal import Decimal
import pytest
from pledges import operations
from pledges.tests import factories as f, progress as walk
from pledges.tests.progress import noon, period
from pledges.tests.pages import stop_clock
from clusters.tests.factories import PASSWORD
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="1"
pytestmark=pytest.mark.django_db(transaction=True)
ROWS=[("Phòng, chống tội phạm về trật tự xã hội","Giảm số vụ phạm tội về TTXH","vụ","DOWN","SUM","412","438"),
("Phòng, chống tội phạm về trật tự xã hội","Tỷ lệ thụ lý tin báo, tố giác tội phạm","%","UP","AVERAGE","100","100"),
("Phòng, chống tội phạm về trật tự xã hội","Khởi tố mới vụ án về kinh tế","vụ","UP","SUM","60","57"),
("Phòng, chống ma túy","Số vụ án ma túy khám phá","vụ","UP","SUM","120","108"),
("Phòng, chống ma túy","Tụ điểm phức tạp được triệt xóa","tụ điểm","UP","SUM","15","12"),
("Phòng, chống ma túy","Lượt tuyên truyền tại trường học","lượt","UP","SUM","200","186"),
("Phòng, chống ma túy","Người nghiện lập hồ sơ quản lý","%","UP","LAST","95","93"),
("Quản lý hành chính, trật tự giao thông","Giảm số vụ tai nạn giao thông","vụ","DOWN","SUM","226","238"),
("Quản lý hành chính, trật tự giao thông","Hồ sơ trực tuyến toàn trình","%","UP","LAST","90","84.7"),
("Quản lý hành chính, trật tự giao thông","Trật tự đường sắt đô thị","vụ","UP","SUM",None,None)]
def test_shots(live_server, monkeypatch):
    world=f.make_world(5); pledge=f.start(world)
    for area,text,unit,d,agg,lv,base in ROWS:
        levels=[operations.Level(u.pk,is_assigned=not(lv is None and i==2),value=None if lv is None and i==2 else Decimal(lv or 5),baseline=Decimal(base) if base else None) for i,u in enumerate(world.units)]
        operations.save_target(pledge_id=pledge.pk,key=None,seen="",by=world.lead_officer,now=f.NOW,levels=levels,values=f.target_values(text,area=area,unit_of_measure=unit,direction=d,aggregation=agg,is_common=False))
    f.sign_all(world, f.open_signing(world, f.freeze(world,f.consent_all(world,f.circulate(world,pledge)))))
    world.year.refresh_from_db()
    walk.accepted(world,2,{0:"81.2",2:"102",3:"100",4:"11",5:"24",6:"4",7:"52",8:"94.1",9:"61",10:"91.3"})
    r=walk.enter(world,2,{0:"82.6",2:"97",3:"100",4:"9",5:"93",6:"0",1:"Không xảy ra",8:"94",9:"54"},2)
    walk.submit(world,2,r)
    walk.give_back(world,2,r,{4:"Thiếu quyết định khởi tố của 3 vụ tháng 5",5:"Kiểm tra lại"})
    for i in (0,1,3):
        walk.submit(world,i,walk.enter(world,i,{0:"80",4:"11",2:"90"},2), noon(period(world,2).due_on+timedelta(days=2 if i==3 else 0)))
    stop_clock(monkeypatch, noon(period(world,2).ends_on+timedelta(days=3)))
    from playwright.sync_api import sync_playwright
    q=f"?ky={period(world,2).pk}"; y=world.year.pk; base=live_server.url
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path="/usr/bin/chromium",args=["--no-sandbox","--disable-dev-shm-usage"])
        def go(user,size):
            c=b.new_context(viewport=size,timezone_id="Asia/Ho_Chi_Minh"); pg=c.new_page(); pg.on("console",lambda m: print("CONSOLE",m.text)); pg.on("pageerror",lambda m: print("ERR",m))
            pg.goto(base+"/dang-nhap/" ); 
            pg.fill("input[name=username]",user); pg.fill("input[name=password]",PASSWORD); pg.click("button[type=submit]"); pg.wait_for_load_state(); return pg
        D={"width":1366,"height":768}; M={"width":390,"height":844}
        axe=open("config/tests/vendor/axe.min.js").read()
        def shot(pg,url,name,check=True):
            pg.goto(base+url); pg.screenshot(path=f"/tmp/shots/{name}.png")
            if check:
                pg.evaluate(axe); res=pg.evaluate("axe.run()")
                for v in res["violations"]: print("AXE",name,v["id"],v["nodes"][0]["html"][:150])
                w=pg.evaluate("document.documentElement.scrollWidth-window.innerWidth")
                if w>0: print("WIDE",name,w)
        from pledges.tests.progress import targets
        T=targets(world)
        for size,tag in ((D,"d"),(M,"m")):
            o=go("canbo.qb.2",size)
            shot(o,f"/nam/{y}/tien-do/{q}",f"grid-{tag}")
            if tag=="d":
                inp=o.locator(f"#o-{T[5].pk}"); inp.fill("0.125"); inp.press("Enter"); o.wait_for_timeout(600)
                inp=o.locator(f"#o-{T[4].pk}"); inp.fill("12"); inp.press("Tab"); o.wait_for_timeout(600)
                o.locator(f"#h-{T[4].pk} a[data-open]").click(); o.wait_for_timeout(800); o.screenshot(path="/tmp/shots/panel-d.png")
                o.evaluate(axe); res=o.evaluate("axe.run()")
                for v in res["violations"]: print("AXE panel",v["id"],v["nodes"][0]["html"][:150])
            shot(o,f"/nam/{y}/tien-do/o/{T[4].key}/{q}&loc=tra-lai",f"cell-{tag}")
            shot(o,f"/nam/{y}/tien-do/{r.pk}/trinh/",f"submit-{tag}")
            shot(o,f"/nam/{y}/tien-do/{r.pk}/lich-su/",f"history-{tag}")
            l=go("canbo.qb.0",size)
            shot(l,f"/nam/{y}/tien-do/cac-don-vi/",f"units-{tag}")
            from pledges.models import ProgressReport
            r3=ProgressReport.objects.get(unit=world.units[3])
            shot(l,f"/nam/{y}/tien-do/{r3.pk}/",f"report-{tag}")
            shot(l,f"/nam/{y}/tien-do/{r3.pk}/tra-lai/",f"return-{tag}")
            g=go("thuongtruc.qb",size)
            shot(g,f"/nam/{y}/ky-bao-cao/?goi-y=1",f"periods-{tag}")
            shot(g,f"/nam/{y}/gia-han/",f"ext-{tag}")
        b.close()
